// @generated automatically by Diesel CLI.

diesel::table! {
    /// Everything that happened; written in the transaction that did it, and never changed. No foreign keys: the record outlives what it tells of.
    activity (at, id) {
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
        /// The tenant, integration, product, connection or campaign that it tells of; null for other things.
        about_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    /// The hash chain over the activity log; see docs/audit.md.
    activity_chain (seq) {
        /// Its place: 1, 2, 3 and so on without gaps.
        seq -> Int8,
        /// When the line happened; with the id its key.
        activity_at -> Timestamptz,
        /// The line.
        activity_id -> Uuid,
        /// How the line is written as bytes; the first of them.
        version -> Int2,
        /// SHA-256 of the hash before it and of the line's bytes.
        hash -> Bytea,
    }
}

diesel::table! {
    /// Pieces of the audit log's chain, each sealed with the portal's key by whoever chained it; see docs/audit.md.
    activity_seals (through) {
        /// The last entry of the chain in this piece.
        through -> Int8,
        /// The last entry before this piece: where the piece before it ends. Nothing lies between.
        after -> Int8,
        /// When it was sealed; part of what is sealed.
        sealed_at -> Timestamptz,
        /// Which of the portal's keys sealed it.
        key_id -> Text,
        /// HMAC-SHA256 of both ends, the hash of the chain at the last entry, and the moment.
        seal -> Bytea,
    }
}

diesel::table! {
    /// Lines of the activity log that wait for their place in the chain; for seconds, while a portal runs.
    activity_unchained (activity_at, activity_id) {
        /// When the line happened; with the id its key.
        activity_at -> Timestamptz,
        /// The line.
        activity_id -> Uuid,
    }
}

diesel::table! {
    /// What requests with an Idempotency-Key were answered, for a day, so that the same request again does nothing twice.
    api_answers (token_id, key) {
        /// Whose token it was.
        partner_id -> Uuid,
        /// The token.
        token_id -> Uuid,
        /// The key that the client chose.
        key -> Text,
        /// SHA-256 of the request's body.
        request_hash -> Bytea,
        /// The address of what was made.
        location -> Text,
        /// The answer's body.
        body -> Text,
        /// When.
        at -> Timestamptz,
    }
}

diesel::table! {
    /// Keys to the JSON API; of each only a hash is stored.
    api_tokens (id) {
        /// Key.
        id -> Uuid,
        /// The program.
        program_id -> Uuid,
        /// The partner whose token it is; null for one of the program.
        partner_id -> Nullable<Uuid>,
        /// What it is for; unique while not revoked.
        name -> Text,
        /// SHA-256 of the token; pages cannot read it.
        token_hash -> Bytea,
        /// The token's last four characters, to tell tokens apart.
        hint -> Text,
        /// List of what it may do.
        scopes -> Jsonb,
        /// From when on it opens nothing.
        expires_at -> Timestamptz,
        /// When it was made.
        created_at -> Timestamptz,
        /// Who made it.
        created_by -> Nullable<Uuid>,
        /// Their name at that moment.
        created_by_name -> Text,
        /// When it was used last, to the minute; null while unused.
        last_used_at -> Nullable<Timestamptz>,
        /// Since when it is revoked; null while it is not.
        revoked_at -> Nullable<Timestamptz>,
        /// Who revoked it.
        revoked_by_name -> Text,
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
    /// Which partners take part in which campaigns.
    campaign_partners (campaign_id, partner_id) {
        /// The program of both.
        program_id -> Uuid,
        /// The partner.
        partner_id -> Uuid,
        /// The campaign.
        campaign_id -> Uuid,
        /// Since when.
        linked_at -> Timestamptz,
        /// Who linked them.
        linked_by_name -> Text,
    }
}

diesel::table! {
    /// The last thing that somebody did to the assignments of a campaign, so that they can take it back.
    campaign_undos (id) {
        /// Key.
        id -> Uuid,
        /// The campaign's program.
        program_id -> Uuid,
        /// The campaign.
        campaign_id -> Uuid,
        /// Who did it; one row for each person and campaign.
        made_by -> Uuid,
        /// What was done, as a sentence.
        words -> Text,
        /// The assignments as they were before, and the versions that they have since.
        steps -> Jsonb,
        /// When.
        made_at -> Timestamptz,
    }
}

diesel::table! {
    /// What links partners and tiers for a time.
    campaigns (id) {
        /// Key.
        id -> Uuid,
        /// The program.
        program_id -> Uuid,
        /// For files and the API; unique in the program.
        code -> Text,
        /// Shown.
        name -> Text,
        /// The name in lower case, for order.
        sort_name -> Text,
        /// What it is for.
        description -> Text,
        /// filter: storefronts show only what a customer may have; show-all: everything, with a message.
        display -> Text,
        /// What to tell customers of what they may not have, by reason.
        messages -> Jsonb,
        /// draft and awaiting_approval have no effect, nor have paused and archived; whether an approved one is scheduled, active or ended follows from its dates.
        state -> Text,
        /// The zone in which its dates were entered.
        time_zone -> Text,
        /// The beginning of its first day.
        starts_at -> Timestamptz,
        /// The end of its last day, excluded; null when it has none.
        ends_at -> Nullable<Timestamptz>,
        /// Both, as a half-open range.
        period -> Tstzrange,
        /// Who looks after it.
        owner_id -> Nullable<Uuid>,
        /// Their name at that moment.
        owner_name -> Text,
        /// The second person; null where none was needed or none came yet.
        approved_by -> Nullable<Uuid>,
        /// Their name at that moment.
        approved_by_name -> Text,
        /// Grows by one with each edit; compared when saving.
        version -> Int4,
        /// When it was created.
        created_at -> Timestamptz,
        /// When it was last edited.
        updated_at -> Timestamptz,
        /// Who edited it last.
        updated_by -> Nullable<Uuid>,
        /// Their name at that moment.
        updated_by_name -> Text,
        /// When it was first submitted or started; null until then.
        set_up_at -> Nullable<Timestamptz>,
        /// Problems that a form named and that were put right before it was saved.
        caught -> Int4,
        /// Problems that the configuration check listed for it when it was first submitted or started; null until then.
        left_over -> Nullable<Int4>,
    }
}

diesel::table! {
    /// What a reviewer has looked at in a submission, and ticked. It stays when the check is removed.
    check_marks (integration_id, submission, check_id) {
        /// Whose integration it is.
        partner_id -> Uuid,
        /// The integration.
        integration_id -> Uuid,
        /// The number of the submission.
        submission -> Int4,
        /// The check, which may be gone.
        check_id -> Uuid,
        /// The page that it was about.
        page -> Text,
        /// The field; empty for the whole page.
        spot -> Text,
        /// The words of the check at that moment.
        words -> Text,
        /// When it was ticked.
        marked_at -> Timestamptz,
        /// Who ticked it.
        marked_by -> Nullable<Uuid>,
        /// Their name at that moment.
        marked_by_name -> Text,
    }
}

diesel::table! {
    /// Where a partner's files and messages are fetched from or sent to.
    connections (id) {
        /// Key.
        id -> Uuid,
        /// The partner's program.
        program_id -> Uuid,
        /// The partner it belongs to, for ever.
        partner_id -> Uuid,
        /// What its people call it; unique in the partner, ignoring case.
        name -> Text,
        /// The name in lower case, for order and for uniqueness.
        sort_name -> Text,
        /// sftp, ftps, https or s3; fixed once it is made.
        kind -> Text,
        /// in: Portico fetches; out: Portico sends; both.
        direction -> Text,
        /// Host name or address, as it is parsed: never a number in disguise.
        host -> Text,
        /// TCP port.
        port -> Int4,
        /// Folder of a file server, or path of an HTTPS endpoint.
        path -> Text,
        /// Region of a bucket.
        region -> Text,
        /// Name of a bucket.
        bucket -> Text,
        /// Beginning of all keys in a bucket.
        prefix -> Text,
        /// How it signs in: none, password, key, bearer, basic, access-key.
        auth -> Text,
        /// User name, or id of an access key.
        username -> Text,
        /// Password, private key, token or secret key; encrypted, bound to the id. Pages may write it and not read it.
        secret -> Nullable<Bytea>,
        /// Which of the portal's keys encrypted it.
        secret_key_id -> Nullable<Text>,
        /// Expected fingerprint of an SSH host key; empty when none is expected.
        host_key -> Text,
        /// How the last test of what is stored now ended.
        test_state -> Text,
        /// What it found, in words; nothing that the other side sent.
        test_words -> Text,
        /// When it was tested.
        tested_at -> Nullable<Timestamptz>,
        /// Who tested it.
        tested_by_name -> Text,
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
    /// New addresses that wait for their owner to open the link sent there.
    email_changes (user_id) {
        /// Whose address.
        user_id -> Uuid,
        /// The new one.
        email -> Text,
        /// Raised by each new link: the older ones are dead.
        link_version -> Int4,
        /// From this moment on the link is refused.
        expires_at -> Timestamptz,
        /// When it was confirmed.
        used_at -> Nullable<Timestamptz>,
        /// When it was asked for.
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// What was written in the items of feedback.
    feedback_messages (id) {
        /// Key; version 7, so in order of time.
        id -> Uuid,
        /// Whose integration it is about.
        partner_id -> Uuid,
        /// The item.
        thread_id -> Uuid,
        /// Whether somebody who sees the whole program wrote it.
        is_host -> Bool,
        /// Markdown.
        body -> Text,
        /// When.
        at -> Timestamptz,
        /// Who.
        author_id -> Nullable<Uuid>,
        /// Their name at that moment.
        author_name -> Text,
    }
}

diesel::table! {
    /// One item of feedback on a page or a field, and whether it is settled.
    feedback_threads (id) {
        /// Key.
        id -> Uuid,
        /// The partner's program.
        program_id -> Uuid,
        /// Whose integration it is.
        partner_id -> Uuid,
        /// The integration.
        integration_id -> Uuid,
        /// The page it is about.
        page -> Text,
        /// The field; null for the whole page.
        field -> Nullable<Text>,
        /// The check it follows from, in its words; empty when none.
        criterion -> Text,
        /// blocking: has to be answered and settled; advice; internal: hosts only.
        weight -> Text,
        /// The review in which it was opened.
        cycle -> Int4,
        /// The round.
        round -> Int4,
        /// The submission it was written about; 0 when before any.
        submission -> Int4,
        /// When.
        opened_at -> Timestamptz,
        /// Who.
        opened_by -> Nullable<Uuid>,
        /// Their name at that moment.
        opened_by_name -> Text,
        /// Since when it is settled; null while open.
        resolved_at -> Nullable<Timestamptz>,
        /// Who settled it.
        resolved_by_name -> Text,
        /// When the partner wrote last, unless a host wrote after that; null while it owes an answer.
        answered_at -> Nullable<Timestamptz>,
        /// Grows by one with each change; compared when saving.
        version -> Int4,
    }
}

diesel::table! {
    /// Files of records: uploaded, checked, applied, perhaps undone.
    file_imports (id) {
        /// Key.
        id -> Uuid,
        /// The program it is imported into.
        program_id -> Uuid,
        /// As the person called it.
        file_name -> Text,
        /// The file.
        content -> Bytea,
        /// Which column holds which field.
        plan -> Jsonb,
        /// uploaded, checked, applied, undone.
        state -> Text,
        /// What becomes, or became, of each row, with the values from before for an undo.
        report -> Jsonb,
        /// Who brought the file.
        uploaded_by_name -> Text,
        /// When it was uploaded.
        created_at -> Timestamptz,
        /// When it was applied or undone.
        finished_at -> Nullable<Timestamptz>,
        /// What its rows are: products, assignments.
        kind -> Text,
    }
}

diesel::table! {
    /// Templates: what a partner's files look like, field by field.
    file_templates (id) {
        /// Key.
        id -> Uuid,
        /// The partner's program.
        program_id -> Uuid,
        /// Whose files; a template belongs to one partner for good.
        partner_id -> Uuid,
        /// Shown; unique in the partner, whatever the case.
        name -> Text,
        /// The name in lower case, for order and uniqueness.
        sort_name -> Text,
        /// What the files are for.
        process -> Text,
        /// How the files are written.
        format -> Text,
        /// Delimiter, quote, encoding, heading, record element, and the fields in order.
        layout -> Jsonb,
        /// How many fields the layout has, for lists.
        field_count -> Int4,
        /// Grows by one with each change; compared when saving.
        version -> Int4,
        /// When it was made.
        created_at -> Timestamptz,
        /// When it was changed last.
        updated_at -> Timestamptz,
        /// Who changed it last; null for the command line.
        updated_by -> Nullable<Uuid>,
        /// Their name at that moment.
        updated_by_name -> Text,
    }
}

diesel::table! {
    /// What a partner answered: one draft at the most, and every submission as it was sent.
    form_answers (id) {
        /// Key.
        id -> Uuid,
        /// The partner's program.
        program_id -> Uuid,
        /// Who answers.
        partner_id -> Uuid,
        /// The form that is answered.
        kind -> Text,
        /// What the answers are about: the partner itself, or its integration.
        subject_id -> Uuid,
        /// The version of the form.
        version_id -> Uuid,
        /// That version's number.
        form_number -> Int4,
        /// 0 for the draft; submissions count from 1.
        number -> Int4,
        /// A draft: what was typed, by question. A submission: each question as it was asked, with its answer.
        content -> Jsonb,
        /// Grows by one with each edit of the draft; compared when saving.
        version -> Int4,
        /// When it was last saved.
        changed_at -> Timestamptz,
        /// Who saved or sent it.
        changed_by -> Nullable<Uuid>,
        /// Their name at that moment.
        changed_by_name -> Text,
        /// When it was sent; null for the draft.
        sent_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Files in answers.
    form_files (id) {
        /// Key; random, so that no address can be guessed.
        id -> Uuid,
        /// The partner's program.
        program_id -> Uuid,
        /// Whose file it is.
        partner_id -> Uuid,
        /// What they call it; shown, never used as a path.
        name -> Text,
        /// What it is by its content.
        media -> Text,
        /// At most 10 MB.
        content -> Bytea,
        /// When it was sent.
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// The last time that a host asked a partner to look at its answers again.
    form_requests (id) {
        /// Key.
        id -> Uuid,
        /// The partner's program.
        program_id -> Uuid,
        /// Who is asked.
        partner_id -> Uuid,
        /// The form that is asked for.
        kind -> Text,
        /// What the answers are about.
        subject_id -> Uuid,
        /// Why, in words.
        note -> Text,
        /// The last day for it.
        due_on -> Date,
        /// When; answers sent later settle it.
        asked_at -> Timestamptz,
        /// Who asked.
        asked_by_name -> Text,
    }
}

diesel::table! {
    /// The questions of a form, version by version. Only a draft can be edited.
    form_versions (id) {
        /// Key.
        id -> Uuid,
        /// The program whose form it is.
        program_id -> Uuid,
        /// partner or integration.
        kind -> Text,
        /// Counts from 1 in each form.
        number -> Int4,
        /// draft, live, retired.
        state -> Text,
        /// List of questions, in order.
        questions -> Jsonb,
        /// Answers to versions before this number are asked for again; null when none are.
        renew_number -> Nullable<Int4>,
        /// The last day for that.
        renew_by -> Nullable<Date>,
        /// Grows by one with each edit; compared when saving.
        version -> Int4,
        /// When it was last edited.
        changed_at -> Timestamptz,
        /// Who edited it last.
        changed_by_name -> Text,
        /// When it became live; null for a draft.
        published_at -> Nullable<Timestamptz>,
        /// Who published it.
        published_by_name -> Nullable<Text>,
    }
}

diesel::table! {
    /// Choices about a form of a program; no row means that nothing was chosen.
    forms (program_id, kind) {
        /// The program whose form it is.
        program_id -> Uuid,
        /// partner: answered once by each partner; integration: for each integration.
        kind -> Text,
        /// Whether a pending partner becomes active by itself when it sends the form.
        activates -> Bool,
        /// Grows by one with each edit; compared when saving.
        version -> Int4,
        /// When it was last edited.
        updated_at -> Timestamptz,
        /// Who edited it last.
        updated_by_name -> Text,
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
    /// What a program checks integrations by before they are submitted, and what its reviewers look at.
    integration_checks (id) {
        /// Key.
        id -> Uuid,
        /// The program whose check it is.
        program_id -> Uuid,
        /// Its place in the list.
        position -> Int4,
        /// The page that it is about.
        page -> Text,
        /// The field, or question-<id>; empty for the whole page.
        spot -> Text,
        /// What is checked; look-at is ticked by a reviewer, everything else is found out by the portal.
        kind -> Text,
        /// What the kind asks for: a pattern, limits, sizes, another field.
        argument -> Jsonb,
        /// What the host says about it, to partners and reviewers.
        words -> Text,
        /// Whether it keeps an integration from being submitted; else it is advice.
        is_blocking -> Bool,
        /// Whether it is in use.
        is_live -> Bool,
        /// Grows by one with each edit; compared when saving.
        version -> Int4,
        /// When it was last edited.
        updated_at -> Timestamptz,
        /// Who edited it last.
        updated_by_name -> Text,
    }
}

diesel::table! {
    /// With which a reviewer tries an integration.
    integration_credentials (integration_id) {
        /// The integration.
        integration_id -> Uuid,
        /// Whose integration it is.
        partner_id -> Uuid,
        /// When.
        stored_at -> Timestamptz,
        /// Who put it in.
        stored_by_name -> Text,
        /// What the partner typed; encrypted, bound to the integration. Pages may write it and not read it.
        secret -> Bytea,
        /// Which of the portal's keys encrypted it.
        secret_key_id -> Text,
    }
}

diesel::table! {
    /// Who wants to hear of an integration besides those who must.
    integration_followers (integration_id, user_id) {
        /// Whose integration it is.
        partner_id -> Uuid,
        /// The integration.
        integration_id -> Uuid,
        /// The person; told only while they may still see it.
        user_id -> Uuid,
        /// Since when.
        since -> Timestamptz,
    }
}

diesel::table! {
    /// Pictures of integrations; kept while any submission or version may show them.
    integration_images (id) {
        /// Key; random, so that no address can be guessed.
        id -> Uuid,
        /// Whose integration it is.
        partner_id -> Uuid,
        /// The integration.
        integration_id -> Uuid,
        /// What the partner calls the file; shown, never used as a path.
        name -> Text,
        /// How the portal encoded it.
        media -> Text,
        /// In pixels.
        width -> Int4,
        /// In pixels.
        height -> Int4,
        /// The portal's own encoding of what was uploaded.
        content -> Bytea,
        /// When it was uploaded.
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// When somebody was reminded last of an integration that waits; written and read by the clock alone.
    integration_reminders (integration_id, kind, user_id) {
        /// Whose integration it is.
        partner_id -> Uuid,
        /// The integration.
        integration_id -> Uuid,
        /// Who was reminded.
        user_id -> Uuid,
        /// late: a review past its expected date; owed: changes that nobody made yet.
        kind -> Text,
        /// When.
        sent_at -> Timestamptz,
    }
}

diesel::table! {
    /// Every submission as it was sent: what the reviewer sees, and what came of it.
    integration_submissions (integration_id, number) {
        /// Whose integration it is.
        partner_id -> Uuid,
        /// The integration.
        integration_id -> Uuid,
        /// Counts from 1 through all cycles.
        number -> Int4,
        /// The review it belongs to.
        cycle -> Int4,
        /// Counts from 1 in each cycle.
        round -> Int4,
        /// The pages at that moment; never changed.
        content -> Jsonb,
        /// What the submitter told the reviewer.
        note -> Text,
        /// What the checks said at that moment.
        findings -> Jsonb,
        /// When.
        submitted_at -> Timestamptz,
        /// Who.
        submitted_by -> Nullable<Uuid>,
        /// Their name at that moment.
        submitted_by_name -> Text,
        /// How it ended; null while it waits.
        outcome -> Nullable<Text>,
        /// What the reviewer wrote to the partner with that.
        summary -> Text,
        /// When it ended.
        answered_at -> Nullable<Timestamptz>,
        /// Who ended it.
        answered_by -> Nullable<Uuid>,
        /// Their name at that moment.
        answered_by_name -> Text,
    }
}

diesel::table! {
    /// The connections and templates that an integration names, so that none is removed while it is in use.
    integration_uses (integration_id, place, stage) {
        /// Whose they all are.
        partner_id -> Uuid,
        /// The integration.
        integration_id -> Uuid,
        /// What for: template, source, target.
        place -> Text,
        /// work: in what is being written; live: in the published version.
        stage -> Text,
        /// The template.
        template_id -> Nullable<Uuid>,
        /// The connection.
        connection_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    /// Everything that was ever published; a rollback publishes an old one under a new number.
    integration_versions (integration_id, number) {
        /// Whose integration it is.
        partner_id -> Uuid,
        /// The integration.
        integration_id -> Uuid,
        /// Counts from 1.
        number -> Int4,
        /// The pages as they were published; never changed.
        content -> Jsonb,
        /// How it came about: review, self (no second party), host-edit, rollback.
        origin -> Text,
        /// The submission that was published, or the version that was rolled back to.
        source -> Nullable<Int4>,
        /// When.
        published_at -> Timestamptz,
        /// Who; null for the clock.
        published_by -> Nullable<Uuid>,
        /// Their name at that moment.
        published_by_name -> Text,
    }
}

diesel::table! {
    /// What partners build for the program, and where each stands in its review.
    integrations (id) {
        /// Key.
        id -> Uuid,
        /// The partner's program.
        program_id -> Uuid,
        /// The partner it belongs to, for ever.
        partner_id -> Uuid,
        /// The published name, or that of the draft before there is one; unique in the partner while not archived.
        name -> Text,
        /// The name in lower case, for order and for uniqueness.
        sort_name -> Text,
        /// internal: runs on this program's connections; external: a listing that leads elsewhere.
        kind -> Text,
        /// Where it stands.
        state -> Text,
        /// Where the unpublished changes of a published one stand; null when there are none.
        revision -> Nullable<Text>,
        /// Since when state and revision are what they are.
        state_since -> Timestamptz,
        /// Why it was rejected, suspended or unpublished, as a word; empty else.
        reason_code -> Text,
        /// The same in sentences.
        reason -> Text,
        /// When what was approved will be published.
        publish_at -> Nullable<Timestamptz>,
        /// The pages as they are being written.
        content -> Jsonb,
        /// The version that is or was published last; null before the first.
        live_number -> Nullable<Int4>,
        /// Counts reviews: the first one, and one for each revision; rounds begin anew with it.
        cycle -> Int4,
        /// Rounds of this cycle; 0 before the first submission.
        round -> Int4,
        /// Number of the last submission; counts through all cycles.
        submission -> Int4,
        /// When that was made.
        submitted_at -> Nullable<Timestamptz>,
        /// Who made it.
        submitted_by -> Nullable<Uuid>,
        /// Their name at that moment.
        submitted_by_name -> Text,
        /// The reviewer of this cycle; null while nobody claimed it.
        assignee_id -> Nullable<Uuid>,
        /// Their name at that moment.
        assignee_name -> Text,
        /// By when the submission should be answered; null unless it waits for the host.
        expected_at -> Nullable<Timestamptz>,
        /// Business minutes that the host used in earlier rounds of this cycle.
        spent_minutes -> Int4,
        /// The first of two approvers of this submission; null else.
        approved_by -> Nullable<Uuid>,
        /// Grows by one with each edit and move; compared when saving.
        version -> Int4,
        /// When it was created.
        created_at -> Timestamptz,
        /// Who created it.
        created_by_name -> Text,
        /// When it was last edited or moved.
        updated_at -> Timestamptz,
        /// Who did that; null for the clock.
        updated_by -> Nullable<Uuid>,
        /// Their name at that moment.
        updated_by_name -> Text,
    }
}

diesel::table! {
    /// People asked to join a partner. Its link is derived from the key, the id, the link version and the address, and is not stored.
    invitations (id) {
        /// Key.
        id -> Uuid,
        /// The partner's program.
        program_id -> Uuid,
        /// The partner to join.
        partner_id -> Uuid,
        /// Whom the link was sent to; ASCII, lower case.
        email -> Text,
        /// What the inviter calls them.
        name -> Text,
        /// The role they get, as in memberships.
        role -> Text,
        /// The program's own role; null for the built-in ones, and once it was removed after the invitation ended.
        role_id -> Nullable<Uuid>,
        /// Raised by each new link: the older ones are dead.
        link_version -> Int4,
        /// From this moment on the link is refused.
        expires_at -> Timestamptz,
        /// The letter that brought the newest link; its row in outbox tells how it fared.
        letter_id -> Nullable<Uuid>,
        /// When the newest link was first opened; a mail scanner may have done it.
        opened_at -> Nullable<Timestamptz>,
        /// When they asked for a new link.
        asked_at -> Nullable<Timestamptz>,
        /// When they joined; null before.
        accepted_at -> Nullable<Timestamptz>,
        /// The account that joined.
        accepted_by -> Nullable<Uuid>,
        /// When it was taken back.
        revoked_at -> Nullable<Timestamptz>,
        /// Who invited them; null for the command line.
        invited_by -> Nullable<Uuid>,
        /// Their name at that moment.
        invited_by_name -> Text,
        /// Grows by one with each change; compared when saving.
        version -> Int4,
        /// When they were first invited.
        created_at -> Timestamptz,
        /// When the newest link was made.
        sent_at -> Timestamptz,
    }
}

diesel::table! {
    /// The last run of each background job, of whichever instance; written by the jobs, read by the command line alone.
    job_runs (job) {
        /// Which.
        job -> Text,
        /// When its last run ended. Runs that found nothing to do are noted once a minute.
        ran_at -> Timestamptz,
        /// How long that took, in milliseconds.
        took_ms -> Int8,
        /// How many things that run did.
        done -> Int8,
        /// When a run failed last; the last run failed when this is its moment.
        failed_at -> Nullable<Timestamptz>,
        /// Why it failed, in words.
        problem -> Nullable<Text>,
    }
}

diesel::table! {
    /// Letters whose words a program chose itself.
    letter_texts (program_id, letter) {
        /// The program.
        program_id -> Uuid,
        /// Which letter.
        letter -> Text,
        /// Its subject line, with words in braces for what varies.
        subject -> Text,
        /// Its paragraphs, plain text, with words in braces for what varies; the link always follows them.
        body -> Text,
        /// Grows by one with each edit; compared when saving.
        version -> Int4,
        /// When it was last edited.
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// Which letters a person wants; no row means wanted. Security letters have no topic and cannot be muted.
    mail_choices (user_id, topic) {
        /// The person.
        user_id -> Uuid,
        /// What the letters are about.
        topic -> Text,
        /// Whether they are sent.
        wanted -> Bool,
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
        /// admin is Hosting admin at a hosting partner and Partner admin elsewhere; custom is the role that role_id names.
        role -> Text,
        /// Grows by one with each edit; compared when saving.
        version -> Int4,
        /// When the person joined.
        created_at -> Timestamptz,
        /// The program's own role; null for the built-in ones.
        role_id -> Nullable<Uuid>,
        /// Since when the person may not act for this partner; null while they may.
        suspended_at -> Nullable<Timestamptz>,
        /// Why, in words.
        suspended_reason -> Text,
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
        /// queued, sent, retrying, failed, withdrawn.
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
        /// The letter's name.
        kind -> Text,
        /// The subject line, as it is sent.
        subject -> Text,
        /// The person's name at that moment.
        recipient_name -> Text,
        /// The invitation that it brings.
        about_id -> Nullable<Uuid>,
        /// True for letters to the hosts, which the partner's own people must not see.
        hosts_only -> Bool,
        /// Sent only while the recipient is a member of the partner who may act.
        members_only -> Bool,
        /// Not sent from this moment on: its link would be dead.
        expires_at -> Nullable<Timestamptz>,
        /// When the person read it as a notification in the portal; null before.
        read_at -> Nullable<Timestamptz>,
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
        /// reviewed: a host publishes what such partners build; self-publish: they do, once the checks pass.
        review -> Text,
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
    /// The newest way back of each person who forgot their password. Its link is derived, and is not stored.
    password_resets (user_id) {
        /// Whose password.
        user_id -> Uuid,
        /// Raised by each new link: the older ones are dead.
        link_version -> Int4,
        /// From this moment on the link is refused.
        expires_at -> Timestamptz,
        /// When it was used; a link works once.
        used_at -> Nullable<Timestamptz>,
        /// When the newest link was made.
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// Pictures of products.
    product_images (product_id) {
        /// The product.
        product_id -> Uuid,
        /// Whose it is.
        partner_id -> Uuid,
        /// Encoded anew by the portal.
        png -> Bytea,
    }
}

diesel::table! {
    /// What partners offer to the program's customers: products and services.
    products (id) {
        /// Key.
        id -> Uuid,
        /// The partner's program.
        program_id -> Uuid,
        /// Whose it is, for ever.
        partner_id -> Uuid,
        /// The partner's own key for it; unique there ignoring case.
        sku -> Text,
        /// Shown.
        name -> Text,
        /// The name in lower case, for order.
        sort_name -> Text,
        /// product or service.
        kind -> Text,
        /// A word to group by; may be empty.
        category -> Text,
        /// Shown below the name.
        description -> Text,
        /// points, or a currency of ISO 4217.
        currency -> Text,
        /// In points, or in the smallest unit of the currency; null when there is none.
        price -> Nullable<Int8>,
        /// Digest of the picture; null when there is none.
        image_sha256 -> Nullable<Text>,
        /// active; archived: nobody sees or redeems it.
        status -> Text,
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
        /// Built-in roles whose people must use a second factor.
        second_factor_roles -> Jsonb,
        /// The last day, in its own zone, for which reminders were made; so several instances make them once.
        reminded_on -> Nullable<Date>,
        /// Whether a campaign takes a second person's approval before it counts.
        campaign_approval -> Bool,
    }
}

diesel::table! {
    /// Codes for who lost the authenticator app; each works once.
    recovery_codes (user_id, code_hash) {
        /// Whose.
        user_id -> Uuid,
        /// Keyed hash of the code, which has 80 bits and needs no slow one.
        code_hash -> Bytea,
        /// When it was used.
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// What was redeemed; written only when the decision allowed it.
    redemptions (id) {
        /// Key.
        id -> Uuid,
        /// The program.
        program_id -> Uuid,
        /// Whose product it was.
        partner_id -> Uuid,
        /// The product.
        product_id -> Uuid,
        /// The caller's own key for it: the same one again records nothing.
        key -> Text,
        /// The customer's tier; null for none.
        tier_precedence -> Nullable<Int4>,
        /// The rule that allowed it.
        rule -> Text,
        /// How many.
        quantity -> Int4,
        /// The caller's own word for the customer; never looked into.
        customer -> Text,
        /// When.
        at -> Timestamptz,
        /// The key to the API, or the person.
        recorded_by_name -> Text,
        /// The product's SKU at that moment.
        sku -> Text,
        /// The name of the customer's tier at that moment; empty for none.
        tier_name -> Text,
        /// Whether the partner's own key recorded it, and not the program's.
        by_partner -> Bool,
        /// SHA-256 of the request that it answers.
        request_hash -> Bytea,
    }
}

diesel::table! {
    /// Which pages of which submission a reviewer has looked at.
    review_marks (integration_id, user_id, page, submission) {
        /// Whose integration it is.
        partner_id -> Uuid,
        /// The integration.
        integration_id -> Uuid,
        /// The reviewer.
        user_id -> Uuid,
        /// The page.
        page -> Text,
        /// The submission whose page it was.
        submission -> Int4,
        /// When.
        viewed_at -> Timestamptz,
    }
}

diesel::table! {
    /// Who had the review of an integration open last, so that two reviewers know of each other.
    review_readers (integration_id, user_id) {
        /// Whose integration it is.
        partner_id -> Uuid,
        /// The integration.
        integration_id -> Uuid,
        /// The reviewer.
        user_id -> Uuid,
        /// Their name at that moment.
        user_name -> Text,
        /// When the page was last asked for.
        seen_at -> Timestamptz,
    }
}

diesel::table! {
    /// How a program reviews integrations; no row means that nothing was chosen.
    review_settings (program_id) {
        /// The program.
        program_id -> Uuid,
        /// Business days in which a submission should be answered.
        target_days -> Int4,
        /// Whether publishing takes two people.
        second_approver -> Bool,
        /// Whether a partner may publish again, unchanged, what was unpublished.
        partners_republish -> Bool,
        /// List of fields that a host changes by a reviewed revision only, never directly.
        reviewed_fields -> Jsonb,
        /// List of the categories that listings choose from.
        categories -> Jsonb,
        /// Grows by one with each edit; compared when saving.
        version -> Int4,
        /// When it was last edited.
        updated_at -> Timestamptz,
        /// Who edited it last.
        updated_by_name -> Text,
    }
}

diesel::table! {
    /// What a reviewer does not want to be led to for a while; nobody else is affected.
    review_snoozes (integration_id, user_id) {
        /// Whose integration it is.
        partner_id -> Uuid,
        /// The integration.
        integration_id -> Uuid,
        /// The reviewer.
        user_id -> Uuid,
        /// Until when.
        until -> Timestamptz,
    }
}

diesel::table! {
    /// Roles that a program made for itself, beside the seven built-in ones.
    roles (id) {
        /// Key.
        id -> Uuid,
        /// The program that uses it.
        program_id -> Uuid,
        /// Shown; unique in the program ignoring case.
        name -> Text,
        /// Name of the role it began as a copy of; empty when it began empty.
        copied_from -> Text,
        /// Whether its people see all partners, at a hosting partner; else they see their own partner.
        program_wide -> Bool,
        /// Keys of the permissions it holds; a key that nobody knows any more grants nothing.
        permissions -> Jsonb,
        /// Whether its people must use a second factor.
        second_factor -> Bool,
        /// Grows by one with each edit; compared when saving.
        version -> Int4,
        /// When it was created.
        created_at -> Timestamptz,
        /// When it was last edited.
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// Authenticator apps (TOTP, RFC 6238), one for each person who uses one.
    second_factors (user_id) {
        /// Whose.
        user_id -> Uuid,
        /// The shared secret, encrypted: nonce, then ChaCha20-Poly1305.
        secret -> Bytea,
        /// Which key encrypted it.
        key_id -> Text,
        /// When the first code was entered; null while it is being set up.
        confirmed_at -> Nullable<Timestamptz>,
        /// The time step of the last code that was accepted: it and older ones are refused.
        last_step -> Int8,
        /// When it was begun.
        created_at -> Timestamptz,
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
        /// Whose view of the portal its owner looks at, reading only; null for their own.
        view_membership_id -> Nullable<Uuid>,
        /// When that ends by itself.
        view_until -> Nullable<Timestamptz>,
        /// Why they look, in words.
        view_reason -> Nullable<Text>,
    }
}

diesel::table! {
    /// Reports of tenants' runs; the newest thousand of each tenant are kept.
    tenant_runs (id) {
        /// Key.
        id -> Uuid,
        /// The partner's program.
        program_id -> Uuid,
        /// Whose tenant it is.
        partner_id -> Uuid,
        /// The tenant.
        tenant_id -> Uuid,
        /// What the reporting system calls the run: the same key is the same run.
        key -> Text,
        /// How it ended, or running.
        outcome -> Text,
        /// When it began.
        started_at -> Timestamptz,
        /// When it ended; null while it runs.
        finished_at -> Nullable<Timestamptz>,
        /// Records that it read.
        records_read -> Int8,
        /// Records that it wrote.
        records_written -> Int8,
        /// Records that it could not take.
        records_failed -> Int8,
        /// One line about it.
        message -> Text,
        /// Its log, as text.
        log -> Text,
        /// When the last report of it came.
        reported_at -> Timestamptz,
        /// Who reported that.
        reported_by_name -> Text,
    }
}

diesel::table! {
    /// Customers' installs of published integrations.
    tenants (id) {
        /// Key.
        id -> Uuid,
        /// The partner's program.
        program_id -> Uuid,
        /// Whose integration it is an install of.
        partner_id -> Uuid,
        /// The integration, for ever.
        integration_id -> Uuid,
        /// The customer.
        name -> Text,
        /// The name in lower case, for order.
        sort_name -> Text,
        /// What the partner's own system calls it; unique for the integration while not archived.
        external_id -> Text,
        /// Where it stands.
        state -> Text,
        /// Since when.
        state_since -> Timestamptz,
        /// How often it runs.
        schedule -> Text,
        /// What its partner noted about the connector.
        note -> Text,
        /// When the latest run began; null before any.
        last_run_at -> Nullable<Timestamptz>,
        /// How that ended.
        last_outcome -> Nullable<Text>,
        /// Grows by one with each edit and change of state, not with each run; compared when saving.
        version -> Int4,
        /// When it was created.
        created_at -> Timestamptz,
        /// Who created it.
        created_by_name -> Text,
        /// When it was last edited or moved.
        updated_at -> Timestamptz,
        /// Who did that; null for an API token.
        updated_by -> Nullable<Uuid>,
        /// Their name at that moment.
        updated_by_name -> Text,
    }
}

diesel::table! {
    /// From when until when a partner, or one of its products, asks for a tier in a campaign.
    tier_assignments (id) {
        /// Key.
        id -> Uuid,
        /// The program of all.
        program_id -> Uuid,
        /// The partner.
        partner_id -> Uuid,
        /// The campaign; the partner is linked to it.
        campaign_id -> Uuid,
        /// One product of the partner; null for all that have no assignment of their own in the campaign.
        product_id -> Nullable<Uuid>,
        /// The tier that is asked for.
        tier_id -> Uuid,
        /// live; draft: has no effect yet.
        state -> Text,
        /// The zone in which its dates were entered.
        time_zone -> Text,
        /// The beginning of its first day.
        starts_at -> Timestamptz,
        /// The end of its last day, excluded; null when it has none.
        ends_at -> Nullable<Timestamptz>,
        /// Both, as a half-open range.
        period -> Tstzrange,
        /// Whether somebody ended it before its last day.
        ended_early -> Bool,
        /// Grows by one with each edit; compared when saving.
        version -> Int4,
        /// When it was created.
        created_at -> Timestamptz,
        /// Who created it.
        created_by_name -> Text,
        /// When it was last edited.
        updated_at -> Timestamptz,
        /// Who edited it last.
        updated_by_name -> Text,
    }
}

diesel::table! {
    /// The ranks of a program's customers, in order.
    tiers (id) {
        /// Key.
        id -> Uuid,
        /// The program.
        program_id -> Uuid,
        /// Shown; unique in the program ignoring case.
        name -> Text,
        /// Its place: 1 is the highest tier; unique in the program.
        precedence -> Int4,
        /// What it takes and brings, for CSRs.
        description -> Text,
        /// Grows by one with each edit; compared when saving.
        version -> Int4,
        /// When it was last edited.
        updated_at -> Timestamptz,
        /// Who edited it last.
        updated_by_name -> Text,
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
        /// Since when signing in asks for a second factor; null when it does not.
        second_factor_at -> Nullable<Timestamptz>,
    }
}

diesel::joinable!(api_tokens -> programs (program_id));
diesel::joinable!(campaigns -> programs (program_id));
diesel::joinable!(email_changes -> users (user_id));
diesel::joinable!(file_imports -> programs (program_id));
diesel::joinable!(import_rows -> imports (import_id));
diesel::joinable!(imports -> programs (program_id));
diesel::joinable!(integration_followers -> users (user_id));
diesel::joinable!(integration_reminders -> users (user_id));
diesel::joinable!(letter_texts -> programs (program_id));
diesel::joinable!(mail_choices -> users (user_id));
diesel::joinable!(memberships -> users (user_id));
diesel::joinable!(partner_logos -> partners (partner_id));
diesel::joinable!(partner_types -> programs (program_id));
diesel::joinable!(partners -> programs (program_id));
diesel::joinable!(password_resets -> users (user_id));
diesel::joinable!(recovery_codes -> users (user_id));
diesel::joinable!(review_marks -> users (user_id));
diesel::joinable!(review_readers -> users (user_id));
diesel::joinable!(review_settings -> programs (program_id));
diesel::joinable!(review_snoozes -> users (user_id));
diesel::joinable!(roles -> programs (program_id));
diesel::joinable!(second_factors -> users (user_id));
diesel::joinable!(sessions -> programs (program_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(tiers -> programs (program_id));

diesel::allow_tables_to_appear_in_same_query!(
    activity,
    activity_chain,
    activity_seals,
    activity_unchained,
    api_answers,
    api_tokens,
    attempts,
    campaign_partners,
    campaign_undos,
    campaigns,
    check_marks,
    connections,
    email_changes,
    feedback_messages,
    feedback_threads,
    file_imports,
    file_templates,
    form_answers,
    form_files,
    form_requests,
    form_versions,
    forms,
    import_rows,
    imports,
    integration_checks,
    integration_credentials,
    integration_followers,
    integration_images,
    integration_reminders,
    integration_submissions,
    integration_uses,
    integration_versions,
    integrations,
    invitations,
    job_runs,
    letter_texts,
    mail_choices,
    memberships,
    outbox,
    partner_logos,
    partner_types,
    partners,
    password_resets,
    product_images,
    products,
    programs,
    recovery_codes,
    redemptions,
    review_marks,
    review_readers,
    review_settings,
    review_snoozes,
    roles,
    second_factors,
    sessions,
    tenant_runs,
    tenants,
    tier_assignments,
    tiers,
    users,
);
