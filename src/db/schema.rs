// @generated automatically by Diesel CLI.

diesel::table! {
    /// Everything that happened; written in the transaction that did it, and never changed. No foreign keys: the record outlives what it tells of.
    activity (id) {
        /// Key; version 7, so in order of time.
        id -> Uuid,
        /// When it happened.
        at -> Timestamptz,
        /// The program it happened in; null above programs.
        program_id -> Nullable<Uuid>,
        /// The partner it touched; null when it touched the program.
        partner_id -> Nullable<Uuid>,
        /// Who did it; null for the command line.
        actor_id -> Nullable<Uuid>,
        /// Their name at that moment.
        actor_name -> Text,
        /// Their role at that moment.
        actor_role -> Text,
        /// True when somebody from outside the partner did it for the partner.
        on_behalf -> Bool,
        /// True for what the partner's own people must not read, such as notes about them.
        hosts_only -> Bool,
        /// The event's name.
        kind -> Text,
        /// The event with its ids and names.
        event -> Jsonb,
        /// List of field, before, after.
        changes -> Jsonb,
        /// The request, as in the log.
        request_id -> Text,
        /// Network address of the person.
        address -> Text,
    }
}

diesel::table! {
    /// Limited tries, shared by all instances: so many in a window that begins with the first.
    attempts (key) {
        /// What is limited and for whom; addresses of people only as a keyed hash.
        key -> Text,
        /// When the window began.
        window_start -> Timestamptz,
        /// Tries in this window.
        count -> Int4,
    }
}

diesel::table! {
    /// What an import does, or did, with each line of its file.
    import_rows (import_id, line) {
        /// The import.
        import_id -> Uuid,
        /// Line in the file; the heading is line 1.
        line -> Int4,
        /// refused, created, updated, unchanged.
        outcome -> Text,
        /// Order in the report: refused first.
        rank -> Int4,
        /// The code as the file has it.
        code -> Text,
        /// The name as the file has it.
        name -> Text,
        /// The field that was refused.
        field -> Nullable<Text>,
        /// Why, in words.
        reason -> Nullable<Text>,
        /// What to do about it.
        hint -> Nullable<Text>,
        /// Taken, but worth a look.
        warning -> Nullable<Text>,
        /// List of field, before, after.
        changes -> Jsonb,
        /// The partner that was created or updated.
        target_id -> Nullable<Uuid>,
        /// Its values before, for undo.
        before -> Nullable<Jsonb>,
        /// Its version after; undo touches it only while it still has it.
        target_version -> Nullable<Int4>,
        /// Why undo left this line alone.
        undo_note -> Nullable<Text>,
    }
}

diesel::table! {
    /// Files of partners: uploaded, checked, applied, perhaps undone.
    imports (id) {
        /// Key.
        id -> Uuid,
        /// The program it is imported into.
        program_id -> Uuid,
        /// As the person called it.
        file_name -> Text,
        /// The file.
        content -> Bytea,
        /// Columns, fixed values and translations; null before they were chosen.
        plan -> Nullable<Jsonb>,
        /// uploaded, checked, running, applied, undone.
        state -> Text,
        /// What the last job did or does: check, apply, undo.
        task -> Nullable<Text>,
        /// Number of the last job: one that was given up cannot write after the next has begun.
        run -> Int4,
        /// Rows in the file.
        total -> Int4,
        /// Rows worked through while checking, running or undoing.
        done -> Int4,
        /// Rows that make a partner.
        created -> Int4,
        /// Rows that change a partner.
        updated -> Int4,
        /// Rows that change nothing.
        unchanged -> Int4,
        /// Rows that cannot be taken.
        refused -> Int4,
        /// Why the last run stopped, in words.
        problem -> Nullable<Text>,
        /// The running job's last sign of life; silence means that it died and wrote nothing.
        heartbeat_at -> Nullable<Timestamptz>,
        /// Who brought the file; null for the command line.
        uploaded_by -> Nullable<Uuid>,
        /// Their name at that moment.
        uploaded_by_name -> Text,
        /// When the file was uploaded.
        created_at -> Timestamptz,
        /// When it was applied or undone.
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Joins a user, a partner and a role.
    memberships (id) {
        /// Key.
        id -> Uuid,
        /// The partner's program.
        program_id -> Uuid,
        /// The partner.
        partner_id -> Uuid,
        /// The person.
        user_id -> Uuid,
        /// admin is Hosting admin at a hosting partner and Partner admin elsewhere.
        role -> Text,
        /// Grows by one with each edit; compared when saving.
        version -> Int4,
        /// When the person joined.
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// Letters, written in the transaction that causes them and sent after it.
    outbox (id) {
        /// Key.
        id -> Uuid,
        /// The program it is about; null above programs.
        program_id -> Nullable<Uuid>,
        /// The partner it is about.
        partner_id -> Nullable<Uuid>,
        /// Whom it is for.
        user_id -> Nullable<Uuid>,
        /// Which letter and its ids; the text is written when sending. No secret is kept.
        letter -> Jsonb,
        /// Address at the moment of writing.
        recipient -> Text,
        /// Message-ID header: the same at each attempt, so that a second copy can be known.
        message_id -> Text,
        /// queued, sent, retrying, failed.
        state -> Text,
        /// Not to be sent before.
        run_at -> Timestamptz,
        /// Attempts so far.
        attempts -> Int4,
        /// A worker has it until then.
        locked_until -> Nullable<Timestamptz>,
        /// Why the last attempt failed, in words.
        last_error -> Nullable<Text>,
        /// When it was written.
        created_at -> Timestamptz,
        /// When the mail server took it.
        sent_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Logos, decoded and encoded again as PNG.
    partner_logos (partner_id) {
        /// The partner; its only logo.
        partner_id -> Uuid,
        /// At most 256 pixels a side, no metadata.
        png -> Bytea,
    }
}

diesel::table! {
    /// The industries that a program sorts its partners by.
    partner_types (id) {
        /// Key.
        id -> Uuid,
        /// The program that uses it.
        program_id -> Uuid,
        /// Word for imports and the API, like credit-card; fixed.
        key -> Text,
        /// Shown; unique in the program ignoring case.
        name -> Text,
        /// Order in lists and forms.
        position -> Int4,
    }
}

diesel::table! {
    /// An organisation, or a department of one, that takes part in a program.
    partners (id) {
        /// Key.
        id -> Uuid,
        /// The program it takes part in.
        program_id -> Uuid,
        /// Unique in the program; stable in addresses and the API; fixed once the partner was active.
        code -> Text,
        /// Shown; may repeat.
        name -> Text,
        /// The name in lower case, for order.
        sort_name -> Text,
        /// external organisation, own company, or a department of it.
        kind -> Text,
        /// Its part in loyalty: accrual, redemption or both.
        category -> Text,
        /// Industry; one of the program's partner types.
        type_id -> Uuid,
        /// planned, pending, active, suspended, offboarding, archived.
        status -> Text,
        /// Hosting partners own the program and see every partner.
        is_hosting -> Bool,
        /// IANA name; its dates are shown in it.
        time_zone -> Text,
        /// E.164; whom to call when something is down.
        support_phone -> Nullable<Text>,
        /// Whom to write to when something is down.
        support_email -> Nullable<Text>,
        /// Plans and intended access; seen by the hosting partners only.
        notes -> Text,
        /// The user who is mailed by default; one of its members.
        primary_contact_id -> Nullable<Uuid>,
        /// True once the partner was active: its code is in use.
        code_fixed -> Bool,
        /// Hash of the stored logo; null means initials.
        logo_sha256 -> Nullable<Text>,
        /// Grows by one with each edit; compared when saving.
        version -> Int4,
        /// When it was created.
        created_at -> Timestamptz,
        /// When it was last edited.
        updated_at -> Timestamptz,
        /// Who edited it last; null for the command line.
        updated_by -> Nullable<Uuid>,
        /// Their name at that moment.
        updated_by_name -> Text,
    }
}

diesel::table! {
    /// A loyalty or integration program: it owns partners and settings.
    programs (id) {
        /// Key.
        id -> Uuid,
        /// Short name for people, addresses and commands; unique in the portal.
        code -> Text,
        /// Shown on every page; unique ignoring case.
        name -> Text,
        /// coalition: many partners; single: one partner that owns everything.
        model -> Text,
        /// IANA name; for partners and people who have none of their own.
        time_zone -> Text,
        /// Whether tiers have screens and effects.
        tiers_enabled -> Bool,
        /// More hosting partners than this show a warning.
        hosting_limit -> Int4,
        /// Grows by one with each edit; compared when saving.
        version -> Int4,
        /// When it was created.
        created_at -> Timestamptz,
        /// When it was last edited.
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// Signed-in browsers. A row is never written back once it ended.
    sessions (id) {
        /// Key; safe to show.
        id -> Uuid,
        /// SHA-256 of the cookie's token: the table holds nothing to sign in with.
        token_hash -> Bytea,
        /// Who signed in.
        user_id -> Uuid,
        /// users.auth_version at sign-in; the session is dead when they differ.
        auth_version -> Int4,
        /// The membership the person acts with now.
        membership_id -> Nullable<Uuid>,
        /// The program a system administrator looks at now.
        program_id -> Nullable<Uuid>,
        /// Small values between two requests, such as a notice.
        state -> Jsonb,
        /// Network address at sign-in.
        address -> Text,
        /// Browser at sign-in.
        agent -> Text,
        /// Sign-in; the absolute limit counts from it.
        created_at -> Timestamptz,
        /// Last request, to the minute; the idle limit counts from it.
        last_seen_at -> Timestamptz,
        /// Signed out, or ended by the person or an administrator.
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// People who sign in. What they may do comes from their memberships.
    users (id) {
        /// Key.
        id -> Uuid,
        /// ASCII, lower case; what they sign in with.
        email -> Text,
        /// Shown beside what they did.
        name -> Text,
        /// argon2id in PHC form; null before the first password was set.
        password_hash -> Nullable<Text>,
        /// Only active users can sign in.
        status -> Text,
        /// System administrator: above all programs.
        is_system -> Bool,
        /// IANA name; null means the partner's.
        time_zone -> Nullable<Text>,
        /// system, light or dark.
        theme -> Text,
        /// Whether single-key shortcuts are on.
        single_keys -> Bool,
        /// Sessions made under another number are dead: raising it ends them all, also one that is being made.
        auth_version -> Int4,
        /// Last request while signed in, to the minute.
        last_seen_at -> Nullable<Timestamptz>,
        /// Grows by one with each edit; compared when saving.
        version -> Int4,
        /// When it was created.
        created_at -> Timestamptz,
        /// When it was last edited.
        updated_at -> Timestamptz,
    }
}

diesel::joinable!(import_rows -> imports (import_id));
diesel::joinable!(imports -> programs (program_id));
diesel::joinable!(memberships -> users (user_id));
diesel::joinable!(partner_logos -> partners (partner_id));
diesel::joinable!(partner_types -> programs (program_id));
diesel::joinable!(partners -> programs (program_id));
diesel::joinable!(sessions -> memberships (membership_id));
diesel::joinable!(sessions -> programs (program_id));
diesel::joinable!(sessions -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(
    activity,
    attempts,
    import_rows,
    imports,
    memberships,
    outbox,
    partner_logos,
    partner_types,
    partners,
    programs,
    sessions,
    users,
);
