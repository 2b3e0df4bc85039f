-- Began with every account of the portal, and looked which of them may be told; that grew with their number.
CREATE INDEX users_system_idx ON users (id) WHERE is_system;
CREATE OR REPLACE FUNCTION portico_recipients(item uuid) RETURNS TABLE (
  user_id uuid, name text, email text, muted text[], is_member boolean, is_admin boolean, is_contact boolean, is_host boolean,
  is_host_admin boolean, is_host_contact boolean, is_assignee boolean, is_submitter boolean, is_follower boolean
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH it AS (
    SELECT i.id, i.program_id, i.partner_id, i.assignee_id, i.submitted_by, p.primary_contact_id, p.status <> 'archived' AS is_there
    FROM integrations i JOIN partners p ON p.id = i.partner_id
    WHERE i.id = item AND i.program_id = portico_program_id()
      AND (portico_partner_id() IS NULL OR i.partner_id = portico_partner_id())
  ), of_partner AS (
    SELECT m.user_id, bool_or(m.role = 'admin') AS is_admin
    FROM it JOIN memberships m ON m.partner_id = it.partner_id
    WHERE it.is_there AND m.suspended_at IS NULL GROUP BY m.user_id
  ), of_program AS (
    SELECT m.user_id, bool_or(m.role = 'admin') AS is_admin, coalesce(bool_or(p.primary_contact_id = m.user_id), false) AS is_contact
    FROM it JOIN memberships m ON m.program_id = it.program_id
      JOIN partners p ON p.id = m.partner_id AND p.is_hosting AND p.status IN ('active', 'offboarding')
      LEFT JOIN roles r ON r.id = m.role_id
    WHERE m.suspended_at IS NULL AND m.role <> 'user' AND (m.role_id IS NULL OR r.program_wide) GROUP BY m.user_id
  ), candidates AS (
    SELECT user_id AS id FROM of_partner UNION SELECT user_id FROM of_program UNION SELECT id FROM users WHERE is_system
  ), found AS (
    SELECT u.id, u.name, u.email, own.user_id IS NOT NULL AS is_member, coalesce(own.is_admin, false) AS is_admin,
      own.user_id IS NOT NULL AND it.primary_contact_id IS NOT DISTINCT FROM u.id AS is_contact,
      host.user_id IS NOT NULL OR u.is_system AS is_host, coalesce(host.is_admin, false) AS is_host_admin,
      coalesce(host.is_contact, false) AS is_host_contact, it.assignee_id IS NOT DISTINCT FROM u.id AS is_assignee,
      it.submitted_by IS NOT DISTINCT FROM u.id AS is_submitter,
      EXISTS (SELECT FROM integration_followers f WHERE f.integration_id = it.id AND f.user_id = u.id) AS is_follower
    FROM it CROSS JOIN candidates c JOIN users u ON u.id = c.id
      LEFT JOIN of_partner own ON own.user_id = u.id LEFT JOIN of_program host ON host.user_id = u.id
    WHERE u.status = 'active'
  )
  SELECT f.id, f.name, f.email, ARRAY(SELECT c.topic FROM mail_choices c WHERE c.user_id = f.id AND NOT c.wanted), f.is_member, f.is_admin,
    f.is_contact, f.is_host, f.is_host_admin, f.is_host_contact, f.is_assignee, f.is_submitter, f.is_follower
  FROM found f
  WHERE f.is_admin OR f.is_contact OR f.is_host_admin OR f.is_host_contact OR f.is_assignee OR f.is_submitter OR f.is_follower
  ORDER BY f.id
$$;
