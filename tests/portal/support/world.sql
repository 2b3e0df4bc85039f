-- Two programs with three partners each, one of them hosting; people in every role.
-- Ids say what they are: 1… programs, 2… types, 3… partners, 4… people, 5… memberships; the second digit is the program.
INSERT INTO programs (id, code, name, model, time_zone, created_at, updated_at) VALUES
  ('11000000-0000-7000-8000-000000000000', 'SOLSTICE', 'Solstice Rewards', 'coalition', 'Europe/Lisbon', '2026-01-01Z', '2026-01-01Z'),
  ('12000000-0000-7000-8000-000000000000', 'ALTURA', 'Altura Miles', 'coalition', 'America/Chicago', '2026-01-02Z', '2026-01-02Z');

INSERT INTO partner_types (id, program_id, key, name, position) VALUES
  ('21000000-0000-7000-8000-000000000001', '11000000-0000-7000-8000-000000000000', 'airline', 'Airline', 1),
  ('21000000-0000-7000-8000-000000000002', '11000000-0000-7000-8000-000000000000', 'car-rental', 'Car rental', 2),
  ('21000000-0000-7000-8000-000000000003', '11000000-0000-7000-8000-000000000000', 'internal', 'Internal', 3),
  ('21000000-0000-7000-8000-000000000004', '11000000-0000-7000-8000-000000000000', 'unused', 'Unused', 4),
  ('22000000-0000-7000-8000-000000000001', '12000000-0000-7000-8000-000000000000', 'airline', 'Airline', 1),
  ('22000000-0000-7000-8000-000000000003', '12000000-0000-7000-8000-000000000000', 'internal', 'Internal', 2);

-- KESTREL is a code in both programs: it means another partner in each.
INSERT INTO partners (id, program_id, code, name, kind, category, type_id, status, is_hosting, time_zone, support_phone, support_email, notes, code_fixed, created_at, updated_at, updated_by_name) VALUES
  ('31000000-0000-7000-8000-000000000001', '11000000-0000-7000-8000-000000000000', 'SOLHQ', 'Solstice Operations', 'own', 'both', '21000000-0000-7000-8000-000000000003', 'active', true, 'Europe/Lisbon', '+351210000001', 'ops@solstice.example', 'We ourselves', true, '2026-02-01Z', '2026-02-01Z', 'Command line'),
  ('31000000-0000-7000-8000-000000000002', '11000000-0000-7000-8000-000000000000', 'KESTREL', 'Kestrel Car Rental', 'external', 'both', '21000000-0000-7000-8000-000000000002', 'active', false, 'Europe/Dublin', '+35315550188', 'support@kestrel.example', 'Plans with Kestrel', true, '2026-02-02Z', '2026-02-02Z', 'Command line'),
  ('31000000-0000-7000-8000-000000000003', '11000000-0000-7000-8000-000000000000', 'MERIDIAN', 'Meridian Air', 'external', 'accrual', '21000000-0000-7000-8000-000000000001', 'active', false, 'America/New_York', '+12125550100', 'help@meridian.example', 'Plans with Meridian', true, '2026-02-03Z', '2026-02-03Z', 'Command line'),
  ('32000000-0000-7000-8000-000000000001', '12000000-0000-7000-8000-000000000000', 'ALTHQ', 'Altura Operations', 'own', 'both', '22000000-0000-7000-8000-000000000003', 'active', true, 'America/Chicago', NULL, 'ops@altura.example', '', true, '2026-02-04Z', '2026-02-04Z', 'Command line'),
  ('32000000-0000-7000-8000-000000000002', '12000000-0000-7000-8000-000000000000', 'BOREAL', 'Boreal Lodges', 'external', 'redemption', '22000000-0000-7000-8000-000000000001', 'active', false, 'America/Toronto', NULL, 'help@boreal.example', 'Plans with Boreal', true, '2026-02-05Z', '2026-02-05Z', 'Command line'),
  ('32000000-0000-7000-8000-000000000003', '12000000-0000-7000-8000-000000000000', 'KESTREL', 'Kestrel of Altura', 'external', 'both', '22000000-0000-7000-8000-000000000001', 'active', false, 'America/Chicago', NULL, NULL, '', true, '2026-02-06Z', '2026-02-06Z', 'Command line');

-- :hash is the hash of the one password of everybody here.
INSERT INTO users (id, email, name, password_hash, status, is_system, created_at, updated_at) VALUES
  ('40000000-0000-7000-8000-000000000001', 'sam@portico.example', 'Sam System', :hash, 'active', true, '2026-01-01Z', '2026-01-01Z'),
  ('40000000-0000-7000-8000-000000000002', 'nils@nowhere.example', 'Nils Nowhere', :hash, 'active', false, '2026-01-01Z', '2026-01-01Z'),
  ('40000000-0000-7000-8000-000000000003', 'paula@nowhere.example', 'Paula Pending', NULL, 'invited', false, '2026-01-01Z', '2026-01-01Z'),
  ('41000000-0000-7000-8000-000000000001', 'hana@solstice.example', 'Hana Host', :hash, 'active', false, '2026-01-01Z', '2026-01-01Z'),
  ('41000000-0000-7000-8000-000000000002', 'rui@solstice.example', 'Rui Reviewer', :hash, 'active', false, '2026-01-01Z', '2026-01-01Z'),
  ('41000000-0000-7000-8000-000000000003', 'cleo@solstice.example', 'Cleo Csr', :hash, 'active', false, '2026-01-01Z', '2026-01-01Z'),
  ('41000000-0000-7000-8000-000000000004', 'aldo@solstice.example', 'Aldo Auditor', :hash, 'active', false, '2026-01-01Z', '2026-01-01Z'),
  ('41000000-0000-7000-8000-000000000005', 'pia@kestrel.example', 'Pia Partner', :hash, 'active', false, '2026-01-01Z', '2026-01-01Z'),
  ('41000000-0000-7000-8000-000000000006', 'uma@kestrel.example', 'Uma User', :hash, 'active', false, '2026-01-01Z', '2026-01-01Z'),
  ('41000000-0000-7000-8000-000000000007', 'otto@kestrel.example', 'Otto Observer', :hash, 'active', false, '2026-01-01Z', '2026-01-01Z'),
  ('41000000-0000-7000-8000-000000000008', 'mira@meridian.example', 'Mira Meridian', :hash, 'active', false, '2026-01-01Z', '2026-01-01Z'),
  ('41000000-0000-7000-8000-000000000009', 'dora@kestrel.example', 'Dora Disabled', :hash, 'active', false, '2026-01-01Z', '2026-01-01Z'),
  ('41000000-0000-7000-8000-00000000000a', 'uwe@solstice.example', 'Uwe Hostuser', :hash, 'active', false, '2026-01-01Z', '2026-01-01Z'),
  ('41000000-0000-7000-8000-00000000000c', 'moe@meridian.example', 'Moe Meridian', :hash, 'active', false, '2026-01-01Z', '2026-01-01Z'),
  ('42000000-0000-7000-8000-000000000001', 'hector@altura.example', 'Hector Host', :hash, 'active', false, '2026-01-01Z', '2026-01-01Z'),
  ('42000000-0000-7000-8000-000000000002', 'petra@boreal.example', 'Petra Partner', :hash, 'active', false, '2026-01-01Z', '2026-01-01Z'),
  ('41000000-0000-7000-8000-00000000000b', 'dual@both.example', 'Dana Dual', :hash, 'active', false, '2026-01-01Z', '2026-01-01Z');

INSERT INTO memberships (id, program_id, partner_id, user_id, role, created_at) VALUES
  ('51000000-0000-7000-8000-000000000001', '11000000-0000-7000-8000-000000000000', '31000000-0000-7000-8000-000000000001', '41000000-0000-7000-8000-000000000001', 'admin', '2026-03-01Z'),
  ('51000000-0000-7000-8000-000000000002', '11000000-0000-7000-8000-000000000000', '31000000-0000-7000-8000-000000000001', '41000000-0000-7000-8000-000000000002', 'reviewer', '2026-03-01Z'),
  ('51000000-0000-7000-8000-000000000003', '11000000-0000-7000-8000-000000000000', '31000000-0000-7000-8000-000000000001', '41000000-0000-7000-8000-000000000003', 'csr', '2026-03-01Z'),
  ('51000000-0000-7000-8000-000000000004', '11000000-0000-7000-8000-000000000000', '31000000-0000-7000-8000-000000000001', '41000000-0000-7000-8000-000000000004', 'auditor', '2026-03-01Z'),
  ('51000000-0000-7000-8000-00000000000a', '11000000-0000-7000-8000-000000000000', '31000000-0000-7000-8000-000000000001', '41000000-0000-7000-8000-00000000000a', 'user', '2026-03-01Z'),
  ('51000000-0000-7000-8000-000000000005', '11000000-0000-7000-8000-000000000000', '31000000-0000-7000-8000-000000000002', '41000000-0000-7000-8000-000000000005', 'admin', '2026-03-01Z'),
  ('51000000-0000-7000-8000-000000000006', '11000000-0000-7000-8000-000000000000', '31000000-0000-7000-8000-000000000002', '41000000-0000-7000-8000-000000000006', 'user', '2026-03-01Z'),
  ('51000000-0000-7000-8000-000000000007', '11000000-0000-7000-8000-000000000000', '31000000-0000-7000-8000-000000000002', '41000000-0000-7000-8000-000000000007', 'auditor', '2026-03-01Z'),
  ('51000000-0000-7000-8000-000000000009', '11000000-0000-7000-8000-000000000000', '31000000-0000-7000-8000-000000000002', '41000000-0000-7000-8000-000000000009', 'admin', '2026-03-01Z'),
  ('51000000-0000-7000-8000-000000000008', '11000000-0000-7000-8000-000000000000', '31000000-0000-7000-8000-000000000003', '41000000-0000-7000-8000-000000000008', 'admin', '2026-03-01Z'),
  ('51000000-0000-7000-8000-00000000000c', '11000000-0000-7000-8000-000000000000', '31000000-0000-7000-8000-000000000003', '41000000-0000-7000-8000-00000000000c', 'user', '2026-03-01Z'),
  ('52000000-0000-7000-8000-000000000001', '12000000-0000-7000-8000-000000000000', '32000000-0000-7000-8000-000000000001', '42000000-0000-7000-8000-000000000001', 'admin', '2026-03-01Z'),
  ('52000000-0000-7000-8000-000000000002', '12000000-0000-7000-8000-000000000000', '32000000-0000-7000-8000-000000000002', '42000000-0000-7000-8000-000000000002', 'admin', '2026-03-01Z'),
  ('51000000-0000-7000-8000-00000000000b', '11000000-0000-7000-8000-000000000000', '31000000-0000-7000-8000-000000000002', '41000000-0000-7000-8000-00000000000b', 'user', '2026-03-02Z'),
  ('52000000-0000-7000-8000-000000000003', '12000000-0000-7000-8000-000000000000', '32000000-0000-7000-8000-000000000002', '41000000-0000-7000-8000-00000000000b', 'admin', '2026-03-03Z');

UPDATE partners SET primary_contact_id = '41000000-0000-7000-8000-000000000005' WHERE id = '31000000-0000-7000-8000-000000000002';
UPDATE partners SET primary_contact_id = '42000000-0000-7000-8000-000000000002' WHERE id = '32000000-0000-7000-8000-000000000002';

-- A little history, one line for each partner.
INSERT INTO activity (id, at, program_id, partner_id, actor_id, actor_name, actor_role, on_behalf, hosts_only, kind, event, changes, request_id, address)
  SELECT ('6' || substr(id::text, 2))::uuid, '2026-10-01Z', program_id, id, NULL, 'Command line', 'System administrator', true, false, 'PartnerCreated',
    jsonb_build_object('kind', 'PartnerCreated', 'partner', id, 'name', name, 'code', code), '[]', 'command', ''
  FROM partners;

-- Everybody but Altura's Kestrel has a logo of one pixel.
INSERT INTO partner_logos (partner_id, png) SELECT id, decode('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63105030f80f00020401608dbcbb710000000049454e44ae426082', 'hex') FROM partners WHERE id <> '32000000-0000-7000-8000-000000000003';
UPDATE partners SET logo_sha256 = (SELECT encode(sha256(png), 'hex') FROM partner_logos WHERE partner_id = id) WHERE id IN (SELECT partner_id FROM partner_logos);

-- Everybody who can sign in is signed in somewhere else too; 7… is the session.
INSERT INTO sessions (id, token_hash, user_id, auth_version, state, address, agent, created_at, last_seen_at)
  SELECT ('7' || substr(id::text, 2))::uuid, sha256(email::bytea), id, 1, '{}', '203.0.113.7', 'curl/8.5.0', '2026-11-20 09:30Z', '2026-11-20 09:40Z'
  FROM users WHERE status = 'active';

-- Imports: 8…1 was checked, 8…2 applied; the second digit is the program.
INSERT INTO imports (id, program_id, file_name, content, plan, state, task, run, total, done, created, refused, uploaded_by_name, created_at, finished_at)
  SELECT (digits || '000000-0000-7000-8000-00000000000' || number)::uuid, program_id, 'partners.csv', E'code,name,type\nNEWONE,New One,airline\nbad one,Bad One,airline\n',
    '{"columns": {"code": "code", "name": "name", "type": "type"}}', state, task, 1, 2, 2, 1, 1, 'Hana Host', '2026-11-19Z', finished
  FROM (VALUES ('81', '11000000-0000-7000-8000-000000000000'::uuid), ('82', '12000000-0000-7000-8000-000000000000')) AS p (digits, program_id),
    (VALUES (1, 'checked', 'check', NULL::timestamptz), (2, 'applied', 'apply', '2026-11-19Z')) AS s (number, state, task, finished);
INSERT INTO import_rows (import_id, line, outcome, rank, code, name, field, reason, hint)
  SELECT id, 2, 'created', 2, 'NEWONE', 'New One', NULL, NULL, NULL FROM imports
  UNION ALL SELECT id, 3, 'refused', 1, 'bad one', 'Bad One', 'Code', 'It has small letters.', 'Write BAD-ONE.' FROM imports;


-- A role of each program's own that nobody has.
INSERT INTO roles (id, program_id, name, copied_from, program_wide, permissions, created_at, updated_at) VALUES
  ('91000000-0000-7000-8000-000000000001', '11000000-0000-7000-8000-000000000000', 'Solstice desk', 'Reviewer', true, '["partners/read", "users/read", "activity/read"]', '2026-03-01Z', '2026-03-01Z'),
  ('92000000-0000-7000-8000-000000000001', '12000000-0000-7000-8000-000000000000', 'Altura desk', '', false, '["partners/read"]', '2026-03-01Z', '2026-03-01Z');
-- An open invitation at every partner but Altura's Kestrel, not opened; 9… is it. Its letter was forgotten.
INSERT INTO invitations (id, program_id, partner_id, email, name, role, expires_at, invited_by, invited_by_name, created_at, sent_at)
  SELECT ('9' || substr(id::text, 2))::uuid, program_id, id, 'ines.' || lower(code) || '@invited.example', 'Ines of ' || code, 'user', '2026-11-20 11:12Z',
    (CASE WHEN substr(id::text, 2, 1) = '1' THEN '41000000-0000-7000-8000-000000000001' ELSE '42000000-0000-7000-8000-000000000001' END)::uuid,
    CASE WHEN substr(id::text, 2, 1) = '1' THEN 'Hana Host' ELSE 'Hector Host' END, '2026-11-20 09:12Z', '2026-11-20 09:12Z'
  FROM partners WHERE id <> '32000000-0000-7000-8000-000000000003';
-- Each partner has one connection; c… is the connection, the rest is its partner's id. Nothing can decrypt the credentials.
INSERT INTO connections (id, program_id, partner_id, name, kind, direction, host, port, path, auth, username, secret, secret_key_id, created_at, updated_at, updated_by_name)
  SELECT ('c' || substr(id::text, 2))::uuid, program_id, id, 'Files of ' || name, 'sftp', 'both', 'files.' || lower(code) || '.example', 22, '/out', 'password', 'portico',
    'not encrypted at all'::bytea, 'nobodys', '2026-11-10Z', '2026-11-10Z', 'Command line'
  FROM partners;
-- One template for each partner but Altura's Kestrel; a… is the template, with the digits of its partner.
INSERT INTO file_templates (id, program_id, partner_id, name, process, format, layout, field_count, created_at, updated_at, updated_by_name)
  SELECT ('a' || substr(id::text, 2))::uuid, program_id, id, 'Layout of ' || name, 'accrual', 'csv',
    '{"delimiter": "Comma", "quote": "Double", "encoding": "Utf8", "heading": true, "record": "", "fields": [
      {"name": "member", "label": "Member", "kind": "Text", "required": true, "length": 12, "format": "[A-Z0-9]+", "sample": "AB12", "description": ""},
      {"name": "nights", "label": "", "kind": "Whole", "required": false, "length": null, "format": "", "sample": "2", "description": ""}]}',
    2, '2026-04-01Z', '2026-04-01Z', 'Command line'
  FROM partners WHERE id <> '32000000-0000-7000-8000-000000000003';
-- Each program asks its partners two things (9…1 and 9…2 are the questions): version 1 is live, 2 is being written. Every
-- partner has answered version 1, with a file; a… is that file, by its partner.
INSERT INTO forms (program_id, kind, updated_at, updated_by_name) SELECT id, 'partner', '2026-09-01Z', 'Hana Host' FROM programs;
INSERT INTO form_versions (id, program_id, kind, number, state, questions, changed_at, changed_by_name, published_at, published_by_name)
  SELECT ('9' || substr(id::text, 2, 34) || number)::uuid, id, 'partner', number, state,
    jsonb_build_array(
      jsonb_build_object('id', '9' || substr(id::text, 2, 34) || '1', 'kind', 'Short', 'label', 'Who runs it?', 'help', 'Their name.',
        'required', true, 'options', '[]'::jsonb, 'terms', '', 'shown_if', NULL),
      jsonb_build_object('id', '9' || substr(id::text, 2, 34) || '2', 'kind', 'File', 'label', 'Your plan', 'help', '',
        'required', false, 'options', '[]'::jsonb, 'terms', '', 'shown_if', NULL)),
    '2026-09-01Z', 'Hana Host', published, CASE WHEN state = 'live' THEN 'Hana Host' END
  FROM programs, (VALUES (1, 'live', '2026-09-01Z'::timestamptz), (2, 'draft', NULL)) AS v (number, state, published);
INSERT INTO form_files (id, program_id, partner_id, name, media, content, created_at)
  SELECT ('a' || substr(id::text, 2))::uuid, program_id, id, 'plan.txt', 'text/plain', convert_to('Plan of ' || code, 'UTF8'), '2026-09-02Z' FROM partners;
INSERT INTO form_answers (id, program_id, partner_id, kind, subject_id, version_id, form_number, number, content, changed_at, changed_by_name, sent_at)
  SELECT ('b' || substr(p.id::text, 2))::uuid, p.program_id, p.id, 'partner', p.id, v.id, 1, 1, jsonb_build_array(
      jsonb_build_object('question', v.questions -> 0, 'values', jsonb_build_array('Somebody of ' || p.code), 'file', NULL, 'accepted', NULL),
      jsonb_build_object('question', v.questions -> 1, 'values', '[]'::jsonb, 'accepted', NULL,
        'file', jsonb_build_object('id', 'a' || substr(p.id::text, 2), 'name', 'plan.txt', 'size', 15))),
    '2026-09-02Z', 'Somebody', '2026-09-02Z'
  FROM partners p JOIN form_versions v ON v.program_id = p.program_id AND v.state = 'live';
-- Two integrations for each partner: d… waits for the host, with one blocking item of feedback (f…) and one internal note
-- (0…, whose first digit alone differs); e… is published, with version 1 and a follower.
CREATE TEMPORARY TABLE pages AS SELECT p.*, jsonb_build_object('name', 'Feed of ' || name, 'kind', 'Internal', 'link', '', 'support_email', 'help@' || lower(code) || '.example',
    'support_link', '', 'documentation', '', 'summary', 'Nights of ' || name, 'description', 'Earn at **' || name || '**.', 'categories', '["Travel"]'::jsonb,
    'links', '[]'::jsonb, 'member_terms', '', 'template', NULL, 'source', jsonb_build_object('id', 'c' || substr(id::text, 2), 'name', 'Files of ' || name),
    'target', NULL, 'answers', '[]'::jsonb, 'credentials', '', 'icon', NULL, 'hero', NULL, 'screenshots', '[]'::jsonb, 'video', '', 'terms_link', '',
    'privacy_link', '', 'data_use', '') AS content FROM partners p;
INSERT INTO review_settings (program_id, categories, updated_at, updated_by_name) SELECT id, '["Travel", "Earn"]', '2026-09-01Z', 'Hana Host' FROM programs;
INSERT INTO integrations (id, program_id, partner_id, name, kind, state, state_since, content, round, submission, submitted_at, submitted_by_name, expected_at,
    created_at, created_by_name, updated_at, updated_by_name)
  SELECT ('d' || substr(id::text, 2))::uuid, program_id, id, 'Feed of ' || name, 'internal', 'in_review', '2026-11-19 10:00Z', content, 1, 1, '2026-11-19 10:00Z',
    'Somebody', '2026-11-24 10:00Z', '2026-11-01Z', 'Somebody', '2026-11-19 10:00Z', 'Somebody' FROM pages;
INSERT INTO integration_submissions (partner_id, integration_id, number, cycle, round, content, note, submitted_at, submitted_by_name)
  SELECT id, ('d' || substr(id::text, 2))::uuid, 1, 1, 1, content, 'Please look at ' || name, '2026-11-19 10:00Z', 'Somebody' FROM pages;
INSERT INTO integrations (id, program_id, partner_id, name, kind, state, state_since, content, live_number, created_at, created_by_name, updated_at, updated_by_name)
  SELECT ('e' || substr(id::text, 2))::uuid, program_id, id, 'Live of ' || name, 'internal', 'published', '2026-10-01Z', content || jsonb_build_object('name', 'Live of ' || name), 1,
    '2026-09-01Z', 'Somebody', '2026-10-01Z', 'Hana Host' FROM pages;
INSERT INTO integration_versions (partner_id, integration_id, number, content, origin, published_at, published_by_name)
  SELECT id, ('e' || substr(id::text, 2))::uuid, 1, content || jsonb_build_object('name', 'Live of ' || name), 'review', '2026-10-01Z', 'Hana Host' FROM pages;
INSERT INTO integration_uses (partner_id, integration_id, place, stage, connection_id)
  SELECT partner_id, id, 'source', 'work', ('c' || substr(partner_id::text, 2))::uuid FROM integrations;
INSERT INTO feedback_threads (id, program_id, partner_id, integration_id, page, field, weight, cycle, round, submission, opened_at, opened_by_name)
  SELECT (first || substr(id::text, 2))::uuid, program_id, id, ('d' || substr(id::text, 2))::uuid, 'listing', 'summary', weight, 1, 1, 1, '2026-11-19 12:00Z', 'Rui Reviewer'
  FROM pages, (VALUES ('f', 'blocking'), ('0', 'internal')) AS t (first, weight);
INSERT INTO feedback_messages (id, partner_id, thread_id, is_host, body, at, author_name)
  SELECT (CASE t.weight WHEN 'internal' THEN '8' ELSE '9' END || substr(t.id::text, 2))::uuid, t.partner_id, t.id, true,
    t.weight || ' words about ' || p.name, t.opened_at, 'Rui Reviewer' FROM feedback_threads t JOIN pages p ON p.id = t.partner_id;
INSERT INTO integration_followers (partner_id, integration_id, user_id, since)
  SELECT id, ('e' || substr(id::text, 2))::uuid, '41000000-0000-7000-8000-000000000002', '2026-10-01Z' FROM pages;
-- A picture of one pixel (b…) and test credentials that nobody can decrypt, of each that waits for the host.
INSERT INTO integration_images (id, partner_id, integration_id, name, media, width, height, content, created_at)
  SELECT ('b' || substr(id::text, 2))::uuid, id, ('d' || substr(id::text, 2))::uuid, 'icon.png', 'image/png', 1, 1, 'not really a picture'::bytea, '2026-11-01Z' FROM pages;
INSERT INTO integration_credentials (integration_id, partner_id, secret, secret_key_id, stored_at, stored_by_name)
  SELECT ('d' || substr(id::text, 2))::uuid, id, 'not encrypted at all'::bytea, 'nobodys', '2026-11-01Z', 'Somebody' FROM pages;
DROP TABLE pages;
-- One check for each program, switched off; c…c1 is it.
INSERT INTO integration_checks (id, program_id, position, page, kind, words, is_blocking, is_live, updated_at, updated_by_name)
  SELECT ('c' || substr(id::text, 2, 33) || 'c1')::uuid, id, 1, 'media', 'look-at', 'Pictures of ' || name || ' are right', false, false, '2026-09-01Z', 'Hana Host' FROM programs;

-- Each partner has a tenant of what it published (1…), with a run that failed (2…), and a token (4…) of every scope, which
-- is `portico_` and its partner's id without dashes, filled up with As.
INSERT INTO tenants (id, program_id, partner_id, integration_id, name, external_id, state, state_since, schedule, note, last_run_at, last_outcome,
    created_at, created_by_name, updated_at, updated_by_name)
  SELECT ('1' || substr(id::text, 2))::uuid, program_id, id, ('e' || substr(id::text, 2))::uuid, 'Inn of ' || name, 'inn-' || lower(code), 'active', '2026-11-01Z', 'daily',
    'Runs at ' || name, '2026-11-20 04:00Z', 'failed', '2026-10-15Z', 'Somebody', '2026-11-01Z', 'Somebody' FROM partners;
INSERT INTO tenant_runs (id, program_id, partner_id, tenant_id, key, outcome, started_at, finished_at, records_read, records_failed, message, log, reported_at, reported_by_name)
  SELECT ('2' || substr(id::text, 2))::uuid, program_id, id, ('1' || substr(id::text, 2))::uuid, 'night-1', 'failed', '2026-11-20 04:00Z', '2026-11-20 04:01Z', 12, 12,
    'No rates of ' || name, 'first line of ' || name, '2026-11-20 04:01Z', 'Somebody' FROM partners;
INSERT INTO api_tokens (id, program_id, partner_id, name, token_hash, hint, scopes, expires_at, created_at, created_by_name)
  SELECT ('4' || substr(id::text, 2))::uuid, program_id, id, 'Engine of ' || name, sha256(convert_to('portico_' || rpad(replace(id::text, '-', ''), 43, 'A'), 'UTF8')), 'AAAA',
    '["products:read", "campaigns:read", "tiers:read", "partners:read", "redemptions:check", "redemptions:read", "redemptions:write",
      "integrations:read", "tenants:read", "tenants:write", "runs:write"]', '2027-01-01Z', '2026-11-01Z', 'Somebody' FROM partners;
-- And each program has one, made the same way of its id.
INSERT INTO api_tokens (id, program_id, name, token_hash, hint, scopes, expires_at, created_at, created_by_name)
  SELECT ('4' || substr(id::text, 2))::uuid, id, 'Storefront of ' || name, sha256(convert_to('portico_' || rpad(replace(id::text, '-', ''), 43, 'A'), 'UTF8')), 'AAAA',
    '["products:read", "campaigns:read", "tiers:read", "partners:read", "redemptions:check", "redemptions:read", "redemptions:write",
      "integrations:read", "tenants:read"]', '2027-01-01Z', '2026-11-01Z', 'Somebody' FROM programs;
-- Both programs use tiers: 6…1 to 6…3, Gold, Silver and Member; no row of this file names the last one.
UPDATE programs SET tiers_enabled = true;
INSERT INTO tiers (id, program_id, name, precedence, updated_at, updated_by_name)
  SELECT ('6' || substr(id::text, 2, 34) || precedence)::uuid, id, name, precedence, '2026-10-01Z', 'Hana Host'
  FROM (SELECT id FROM programs) p, (VALUES (1, 'Gold'), (2, 'Silver'), (3, 'Member')) AS t (precedence, name);
-- One product for each partner, with an image of one pixel; 7… is the product, with the digits of its partner.
INSERT INTO products (id, program_id, partner_id, sku, name, kind, category, description, currency, price, image_sha256, created_at, updated_at, updated_by_name)
  SELECT ('7' || substr(id::text, 2))::uuid, program_id, id, 'SKU-' || code, 'Voucher of ' || name, 'product', 'Travel', 'What ' || name || ' offers.', 'points', 1200,
    encode(sha256('png'), 'hex'), '2026-10-01Z', '2026-10-01Z', 'Hana Host' FROM partners;
INSERT INTO product_images (product_id, partner_id, png)
  SELECT ('7' || substr(id::text, 2))::uuid, id, decode('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63105030f80f00020401608dbcbb710000000049454e44ae426082', 'hex') FROM partners;
-- Imports of products: 5…1 was checked, 5…2 applied.
INSERT INTO file_imports (id, program_id, kind, file_name, content, plan, state, report, uploaded_by_name, created_at, finished_at)
  SELECT ('5' || substr(p.id::text, 2, 34) || number)::uuid, p.id, 'products', 'products.csv', convert_to(E'partner,sku,name\n' || o.code || E',NEW-1,New offer\nNOBODY,X,Y\n', 'UTF8'),
    '{"partner": "partner", "sku": "sku", "name": "name"}', state,
    jsonb_build_object('created', 1, 'refused', 1, 'rows', jsonb_build_array(
      jsonb_build_object('line', 2, 'outcome', 'Created', 'partner', o.code, 'sku', 'NEW-1', 'name', 'New offer', 'changes', '[]'::jsonb),
      jsonb_build_object('line', 3, 'outcome', 'Refused', 'partner', 'NOBODY', 'sku', 'X', 'name', 'Y', 'reason', 'No partner has the code NOBODY.', 'changes', '[]'::jsonb))),
    'Hana Host', '2026-11-19Z', finished
  FROM programs p JOIN partners o ON o.program_id = p.id AND o.is_hosting,
    (VALUES (1, 'checked', NULL::timestamptz), (2, 'applied', '2026-11-19Z')) AS s (number, state, finished);
-- And of tier assignments: 5…3 was checked, 5…4 applied.
INSERT INTO file_imports (id, program_id, kind, file_name, content, plan, state, report, uploaded_by_name, created_at, finished_at)
  SELECT ('5' || substr(p.id::text, 2, 34) || number)::uuid, p.id, 'assignments', 'assignments.csv',
    convert_to(E'campaign,partner,tier,start\nWINTER-' || o.code || ',' || o.code || E',Gold,2027-05-01\nNONE,X,Gold,2027-05-01\n', 'UTF8'),
    '{"campaign": "campaign", "partner": "partner", "tier": "tier", "start": "start"}', state,
    jsonb_build_object('created', 1, 'refused', 1, 'rows', jsonb_build_array(
      jsonb_build_object('line', 2, 'outcome', 'Created', 'key', 'WINTER-' || o.code, 'whose', o.code, 'name', 'Gold (1)', 'changes', '[]'::jsonb),
      jsonb_build_object('line', 3, 'outcome', 'Refused', 'key', 'NONE', 'whose', 'X', 'name', 'Gold', 'reason', 'No campaign has the code NONE.', 'changes', '[]'::jsonb))),
    'Hana Host', '2026-11-19Z', finished
  FROM programs p JOIN partners o ON o.program_id = p.id AND o.is_hosting,
    (VALUES (3, 'checked', NULL::timestamptz), (4, 'applied', '2026-11-19Z')) AS s (number, state, finished);
-- Each partner takes part in one campaign (b…), with one live assignment (a…) to Silver from October through March.
INSERT INTO campaigns (id, program_id, code, name, state, time_zone, starts_at, ends_at, owner_name, created_at, updated_at, updated_by_name)
  SELECT ('b' || substr(id::text, 2))::uuid, program_id, 'WINTER-' || code, 'Winter of ' || name, 'approved', time_zone,
    '2026-10-01'::timestamp AT TIME ZONE time_zone, '2027-04-01'::timestamp AT TIME ZONE time_zone, 'Cleo Csr', '2026-09-01Z', '2026-09-01Z', 'Cleo Csr'
  FROM partners;
INSERT INTO campaign_partners SELECT program_id, id, ('b' || substr(id::text, 2))::uuid, '2026-09-02Z', 'Cleo Csr' FROM partners;
INSERT INTO tier_assignments (id, program_id, partner_id, campaign_id, tier_id, time_zone, starts_at, ends_at, created_at, created_by_name, updated_at, updated_by_name)
  SELECT ('a' || substr(id::text, 2))::uuid, program_id, id, ('b' || substr(id::text, 2))::uuid, ('6' || substr(program_id::text, 2, 34) || '2')::uuid, time_zone,
    '2026-10-01'::timestamp AT TIME ZONE time_zone, '2027-04-01'::timestamp AT TIME ZONE time_zone, '2026-09-02Z', 'Cleo Csr', '2026-09-02Z', 'Cleo Csr'
  FROM partners;
