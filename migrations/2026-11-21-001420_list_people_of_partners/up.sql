-- Members and open invitations with the same columns, so that one list can page over both. Row-level security is that
-- of whoever asks.
CREATE VIEW member_people WITH (security_invoker = true) AS
  SELECT m.id, m.program_id, m.partner_id, p.code AS partner_code, p.name AS partner_name, p.is_hosting,
    m.user_id, u.name, u.email, lower(u.name) AS sort_name, m.role, m.role_id, r.name AS role_name, r.permissions AS role_keys,
    u.status, u.is_system, m.suspended_at, u.second_factor_at, u.last_seen_at, m.version, m.created_at,
    NULL::timestamptz AS expires_at, NULL::timestamptz AS opened_at, NULL::timestamptz AS asked_at, NULL::timestamptz AS sent_at,
    NULL::text AS letter_state, NULL::timestamptz AS delivered_at, NULL::text AS letter_error
  FROM memberships m
  JOIN partners p ON p.id = m.partner_id
  JOIN users u ON u.id = m.user_id
  LEFT JOIN roles r ON r.id = m.role_id;
COMMENT ON VIEW member_people IS 'Members of partners, with what a list shows of them.';

CREATE VIEW invited_people WITH (security_invoker = true) AS
  SELECT i.id, i.program_id, i.partner_id, p.code AS partner_code, p.name AS partner_name, p.is_hosting,
    NULL::uuid AS user_id, i.name, i.email, lower(i.name) AS sort_name, i.role, i.role_id, r.name AS role_name, r.permissions AS role_keys,
    'invited'::text AS status, false AS is_system, NULL::timestamptz AS suspended_at, NULL::timestamptz AS second_factor_at,
    NULL::timestamptz AS last_seen_at, i.version, i.created_at,
    i.expires_at, i.opened_at, i.asked_at, i.sent_at,
    o.state AS letter_state, o.sent_at AS delivered_at, o.last_error AS letter_error
  FROM invitations i
  JOIN partners p ON p.id = i.partner_id
  LEFT JOIN roles r ON r.id = i.role_id
  LEFT JOIN outbox o ON o.id = i.letter_id
  WHERE i.accepted_at IS NULL AND i.revoked_at IS NULL;
COMMENT ON VIEW invited_people IS 'Invitations that were neither accepted nor revoked, with how their letter fared.';

CREATE VIEW people_of_partners WITH (security_invoker = true) AS
  SELECT * FROM member_people UNION ALL SELECT * FROM invited_people;
COMMENT ON VIEW people_of_partners IS 'Members and open invitations of partners.';

GRANT SELECT ON member_people, invited_people, people_of_partners TO portico_partner, portico_host;
