//! The tables as diesel sees them: the same columns on both engines (`tests/migrations.rs` proves it).

diesel::table! {
    offices (code) {
        code -> Text,
        name -> Text,
        province -> Nullable<Text>,
        time_zone -> Text,
        daily_capacity -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    calendars (office, valid_from) {
        office -> Text,
        valid_from -> Date,
        cut_off_minutes -> Integer,
        working_days -> Text,
        holidays -> Text,
    }
}

diesel::table! {
    inspectors (office, id) {
        office -> Text,
        id -> Text,
        name -> Text,
        room -> Integer,
        conflicts -> Text,
        active -> Bool,
    }
}

diesel::table! {
    api_keys (id) {
        id -> Text,
        name -> Text,
        role -> Text,
        offices -> Text,
        inspector -> Nullable<Text>,
        secret_sha256 -> Text,
        created_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    master_keys (fingerprint) {
        fingerprint -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    chain_heads (office) {
        office -> Text,
        sequence -> BigInt,
        head -> Text,
    }
}

diesel::table! {
    events (office, sequence) {
        office -> Text,
        sequence -> BigInt,
        at_ms -> BigInt,
        kind -> Text,
        actor -> Text,
        object -> Text,
        payload_sha256 -> Text,
        head -> Text,
    }
}

diesel::table! {
    idempotency_keys (api_key, token) {
        api_key -> Text,
        token -> Text,
        fingerprint -> Text,
        status -> Integer,
        body -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    declarations (declaration_number) {
        declaration_number -> Text,
        office -> Text,
        inspection_day -> Date,
        exporter_id -> Text,
        exporter_name -> Nullable<Text>,
        consignment -> Nullable<Text>,
        destination_country -> Text,
        region -> Text,
        commodity_code -> Text,
        description -> Nullable<Text>,
        quantity -> Text,
        unit -> Text,
        packages -> Nullable<BigInt>,
        net_weight_kg -> Nullable<Text>,
        gross_weight_kg -> Nullable<Text>,
        value_minor -> Nullable<BigInt>,
        currency -> Nullable<Text>,
        location -> Nullable<Text>,
        declared_at -> Timestamp,
        received_at -> Timestamp,
        historical -> Bool,
        warnings -> Text,
        revision -> Integer,
        chain_sequence -> BigInt,
        cancelled_at -> Nullable<Timestamp>,
        cancellation_reason -> Nullable<Text>,
        draw_id -> Nullable<Text>,
    }
}

diesel::table! {
    declaration_revisions (declaration_number, revision) {
        declaration_number -> Text,
        revision -> Integer,
        body -> Text,
        received_at -> Timestamp,
        superseded_at -> Timestamp,
        superseded_by -> Text,
    }
}

diesel::table! {
    imports (id) {
        id -> Text,
        sha256 -> Text,
        state -> Text,
        mode -> Text,
        dry_run -> Bool,
        historical -> Bool,
        received -> BigInt,
        created -> BigInt,
        unchanged -> BigInt,
        revised -> BigInt,
        rejected -> BigInt,
        warnings -> Text,
        failure -> Nullable<Text>,
        heading -> Nullable<Text>,
        actor -> Text,
        created_at -> Timestamp,
        touched_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    import_rows (import_id, line) {
        import_id -> Text,
        line -> BigInt,
        byte_offset -> BigInt,
        outcome -> Text,
        declaration_number -> Nullable<Text>,
        errors -> Text,
        content -> Nullable<Text>,
    }
}

diesel::table! {
    policies (id, version) {
        id -> Text,
        version -> Integer,
        from_day -> Date,
        floor_ppm -> Integer,
        rules -> Text,
        sha256 -> Text,
        historical -> Bool,
        created_at -> Timestamp,
        created_by -> Text,
        targeting_exponent_milli -> Nullable<Integer>,
    }
}

diesel::table! {
    policy_approvals (policy_id, version) {
        policy_id -> Text,
        version -> Integer,
        approved_by -> Text,
        approved_at -> Timestamp,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    campaigns (id, revision) {
        id -> Text,
        revision -> Integer,
        from_day -> Date,
        until_day -> Date,
        body -> Text,
        sha256 -> Text,
        historical -> Bool,
        proposed_at -> Timestamp,
        proposed_by -> Text,
    }
}

diesel::table! {
    campaign_approvals (id) {
        id -> Text,
        revision -> Integer,
        approved_by -> Text,
        approved_at -> Timestamp,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    campaign_closures (id) {
        id -> Text,
        last_day -> Date,
        reason -> Text,
        closed_at -> Timestamp,
        closed_by -> Text,
    }
}

diesel::table! {
    commitments (office, day, round) {
        office -> Text,
        day -> Date,
        round -> Integer,
        commitment -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    draws (id) {
        id -> Text,
        office -> Text,
        day -> Date,
        round -> Integer,
        state -> Text,
        retrospective -> Bool,
        capacity -> Integer,
        floor_ppm -> Integer,
        policy_id -> Text,
        policy_version -> Integer,
        policy_sha256 -> Text,
        risk_model -> Text,
        entropy -> Text,
        commitment -> Text,
        frame_rows -> BigInt,
        take_all -> BigInt,
        asked -> Text,
        given -> Text,
        drawn -> BigInt,
        roster -> Text,
        frame_sha256 -> Text,
        roster_sha256 -> Text,
        sample_sha256 -> Text,
        seed -> Text,
        start_at -> BigInt,
        closed_at -> Timestamp,
        created_at -> Timestamp,
        revealed_at -> Nullable<Timestamp>,
        secret -> Nullable<Text>,
        campaigns -> Text,
        in_force_sha256 -> Nullable<Text>,
    }
}

diesel::table! {
    candidates (draw_id, declaration_number) {
        draw_id -> Text,
        declaration_number -> Text,
        office -> Text,
        day -> Date,
        region -> Text,
        country -> Text,
        commodity_code -> Text,
        exporter_id -> Text,
        rule -> Text,
        proportion_ppm -> Integer,
        factor -> BigInt,
        take_all -> Bool,
        pi -> BigInt,
        score_ppb -> Nullable<BigInt>,
        past -> Nullable<Text>,
        directive -> Nullable<Text>,
    }
}

diesel::table! {
    sample_items (draw_id, position) {
        draw_id -> Text,
        position -> Integer,
        declaration_number -> Text,
        office -> Text,
        day -> Date,
        region -> Text,
        country -> Text,
        commodity_code -> Text,
        exporter_id -> Text,
        selection -> Text,
        rule -> Text,
        proportion_ppm -> Integer,
        factor -> BigInt,
        pi -> BigInt,
        ticket -> Text,
        cumulated_from -> Nullable<BigInt>,
        cumulated_to -> Nullable<BigInt>,
        hit -> Nullable<BigInt>,
        inspector -> Nullable<Text>,
        assignee -> Nullable<Text>,
        state -> Text,
        not_inspected_reason -> Nullable<Text>,
        inspected_by -> Nullable<Text>,
        directive -> Nullable<Text>,
        score_ppb -> Nullable<BigInt>,
        past -> Nullable<Text>,
        contributions -> Nullable<Text>,
    }
}

diesel::table! {
    assignments (draw_id, position, number) {
        draw_id -> Text,
        position -> Integer,
        number -> Integer,
        assignee_before -> Nullable<Text>,
        assignee -> Nullable<Text>,
        reason -> Text,
        assigned_at -> Timestamp,
        assigned_by -> Text,
        chain_sequence -> BigInt,
    }
}

diesel::table! {
    inspections (id) {
        id -> Text,
        draw_id -> Text,
        position -> Integer,
        office -> Text,
        declaration_number -> Text,
        outcome -> Text,
        not_inspected_reason -> Nullable<Text>,
        inspector -> Nullable<Text>,
        inspected_at -> Timestamp,
        units_inspected -> Nullable<BigInt>,
        units_nonconforming -> Nullable<BigInt>,
        defects -> Text,
        note -> Nullable<Text>,
        recorded_at -> Timestamp,
        recorded_by -> Text,
        chain_sequence -> BigInt,
    }
}

diesel::table! {
    amendments (inspection_id, number) {
        inspection_id -> Text,
        number -> Integer,
        reason -> Text,
        outcome -> Text,
        not_inspected_reason -> Nullable<Text>,
        inspector -> Nullable<Text>,
        inspected_at -> Timestamp,
        units_inspected -> Nullable<BigInt>,
        units_nonconforming -> Nullable<BigInt>,
        defects -> Text,
        note -> Nullable<Text>,
        recorded_at -> Timestamp,
        recorded_by -> Text,
        chain_sequence -> BigInt,
    }
}

diesel::table! {
    result_imports (id) {
        id -> Text,
        sha256 -> Text,
        received -> BigInt,
        created -> BigInt,
        unchanged -> BigInt,
        revised -> BigInt,
        rejected -> BigInt,
        rejections -> Text,
        actor -> Text,
        created_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    imported_results (declaration_number, revision) {
        declaration_number -> Text,
        revision -> Integer,
        import_id -> Text,
        office -> Text,
        outcome -> Text,
        severity -> Nullable<Text>,
        inspected_at -> Timestamp,
        inspector -> Nullable<Text>,
        selection -> Text,
        probability_ppm -> Nullable<Integer>,
        imported_at -> Timestamp,
        imported_by -> Text,
        chain_sequence -> BigInt,
    }
}

diesel::table! {
    lessons (declaration_number) {
        declaration_number -> Text,
        exporter_id -> Text,
        office -> Text,
        known_on -> Date,
        failed -> Bool,
        severity -> Text,
        inspector -> Nullable<Text>,
        source -> Text,
        selection -> Text,
    }
}

diesel::table! {
    directives (id) {
        id -> Text,
        kind -> Text,
        office -> Nullable<Text>,
        declaration_number -> Nullable<Text>,
        exporter_id -> Nullable<Text>,
        commodity -> Nullable<Text>,
        destination_country -> Nullable<Text>,
        reason -> Text,
        from_day -> Date,
        until_day -> Date,
        most -> Nullable<BigInt>,
        cancelled_declaration -> Nullable<Text>,
        ordered_at -> Timestamp,
        ordered_by -> Text,
        chain -> Text,
        chain_sequence -> BigInt,
    }
}

diesel::table! {
    directive_closures (directive) {
        directive -> Text,
        reason -> Text,
        closed_at -> Timestamp,
        closed_by -> Text,
        chain_sequence -> BigInt,
    }
}

diesel::table! {
    signals (id) {
        id -> Text,
        kind -> Text,
        office -> Text,
        day -> Date,
        evidence -> Text,
        raised_at -> Timestamp,
        chain_sequence -> BigInt,
    }
}

diesel::table! {
    chart_evaluations (period) {
        period -> Text,
        evaluated_at -> Timestamp,
        raised -> BigInt,
    }
}

diesel::table! {
    signal_acknowledgements (signal) {
        signal -> Text,
        note -> Text,
        acknowledged_at -> Timestamp,
        acknowledged_by -> Text,
        chain_sequence -> BigInt,
    }
}

diesel::table! {
    entropy_settings (office, number) {
        office -> Text,
        number -> Integer,
        from_day -> Date,
        entropy -> Text,
        set_at -> Timestamp,
    }
}

diesel::table! {
    auditor_commitments (office, day, round) {
        office -> Text,
        day -> Date,
        round -> Integer,
        commitment -> Text,
        committed_at -> Timestamp,
        committed_by -> Text,
        chain_sequence -> BigInt,
    }
}

diesel::table! {
    entropy_releases (draw_id) {
        draw_id -> Text,
        value -> Text,
        released_at -> Timestamp,
        released_by -> Text,
        chain_sequence -> BigInt,
    }
}

diesel::table! {
    auditor_secrets (draw_id) {
        draw_id -> Text,
        secret -> Text,
        given_at -> Timestamp,
        given_by -> Text,
        chain_sequence -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    offices,
    calendars,
    inspectors,
    api_keys,
    master_keys,
    chain_heads,
    events,
    idempotency_keys,
    declarations,
    declaration_revisions,
    imports,
    import_rows,
    policies,
    policy_approvals,
    campaigns,
    campaign_approvals,
    campaign_closures,
    commitments,
    draws,
    candidates,
    sample_items,
    assignments,
    inspections,
    amendments,
    result_imports,
    imported_results,
    lessons,
    directives,
    directive_closures,
    signals,
    signal_acknowledgements,
    chart_evaluations,
    risk_models,
    risk_activations,
);

diesel::table! {
    risk_models (version) {
        version -> Integer,
        as_of -> Date,
        recipe -> Text,
        recipe_sha256 -> Text,
        lessons -> BigInt,
        failures -> BigInt,
        lessons_sha256 -> Text,
        currency -> Nullable<Text>,
        summary -> Text,
        model -> Text,
        sha256 -> Text,
        backtest -> Text,
        fitted_at -> Timestamp,
        fitted_by -> Text,
    }
}

diesel::table! {
    risk_activations (number) {
        number -> Integer,
        version -> Nullable<Integer>,
        kind -> Text,
        note -> Nullable<Text>,
        actor -> Text,
        activated_at -> Timestamp,
    }
}

diesel::table! {
    risk_scales (version, in_force_sha256, rule) {
        version -> Integer,
        in_force_sha256 -> Text,
        rule -> Text,
        declarations -> BigInt,
        scale -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    chores (name) {
        name -> Text,
    }
}

diesel::table! {
    severity_labels (label) {
        label -> Text,
    }
}

diesel::table! {
    rate_sums (view, code, first_day, office, region, selection) {
        view -> Text,
        code -> Text,
        first_day -> Date,
        office -> Text,
        region -> Text,
        selection -> Text,
        drawn -> BigInt,
        open -> BigInt,
        not_inspected -> BigInt,
        inspected -> BigInt,
        failed -> BigInt,
        frame_rows -> BigInt,
        w -> Text,
        wy -> Text,
        a -> Text,
        a1 -> Text,
        b -> Text,
        b1 -> Text,
        u -> Text,
    }
}

diesel::table! {
    report_publications (period) {
        period -> Text,
        report -> Text,
        sha256 -> Text,
        published_at -> Timestamp,
        published_by -> Text,
        chain_sequence -> BigInt,
    }
}
