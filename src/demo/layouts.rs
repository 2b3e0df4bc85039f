//! Templates of the demo, as the JSON files that Portico itself writes.

/// A template that a partner's own admin made: their address, days before today, and the file.
pub const OWN: &[(&str, i64, &str)] = &[
    (
        "misaki.tanaka@shinonome.example",
        120,
        r#"{"portico_template": 1, "name": "Stays, nightly", "process": "accrual", "format": "csv", "delimiter": "semicolon", "heading": true, "fields": [
          {"name": "member_no", "label": "Member number", "type": "text", "required": true, "length": 10, "format": "[0-9]{10}", "sample": "4400128831", "description": "As printed on the card."},
          {"name": "hotel", "label": "Hotel", "type": "code-list", "required": true, "format": "TYO1, TYO2, KYO1, OSA1", "sample": "KYO1"},
          {"name": "check_out", "label": "Day of departure", "type": "date", "required": true, "sample": "2026-10-04"},
          {"name": "nights", "label": "Nights", "type": "whole-number", "required": true, "length": 3, "sample": "2"},
          {"name": "amount", "label": "Amount paid", "type": "decimal", "required": true, "format": "2", "sample": "38400.00", "description": "In yen, taxes included."},
          {"name": "direct", "label": "Booked directly", "type": "yes-no", "sample": "Y"}]}"#,
    ),
    (
        "misaki.tanaka@shinonome.example",
        64,
        r#"{"portico_template": 1, "name": "Vouchers redeemed", "process": "redemption", "format": "json-lines", "fields": [
          {"name": "voucher", "type": "text", "required": true, "format": "V-[A-Z0-9]{8}", "sample": "V-7KQ2M9XA"},
          {"name": "at", "type": "date-time", "required": true, "sample": "2026-10-04T11:20:00+09:00"},
          {"name": "points", "type": "whole-number", "required": true, "sample": "12000"},
          {"name": "cancelled", "type": "yes-no", "format": "true/false", "sample": "false"}]}"#,
    ),
    (
        "siobhan.nibhriain@kestrel.example",
        88,
        r#"{"portico_template": 1, "name": "Rentals", "process": "accrual", "format": "fixed-width", "encoding": "iso-8859-15", "fields": [
          {"name": "MEMBER", "label": "Member number", "type": "text", "required": true, "length": 10, "format": "[0-9]{10}", "sample": "4400128831"},
          {"name": "PICKUP", "label": "Day of pick-up", "type": "date", "required": true, "length": 8, "format": "YYYYMMDD", "sample": "20261004"},
          {"name": "DAYS", "type": "whole-number", "required": true, "length": 3, "sample": "5"},
          {"name": "GROUP", "label": "Car group", "type": "code-list", "required": true, "length": 4, "format": "MINI, ECON, LUXE, VANS", "sample": "ECON"},
          {"name": "STATION", "label": "Station", "type": "text", "length": 24, "sample": "Dún Laoghaire"}]}"#,
    ),
    (
        "siobhan.nibhriain@kestrel.example",
        20,
        r#"{"portico_template": 1, "name": "Monthly statement", "process": "reconciliation", "format": "xml", "record_element": "line", "fields": [
          {"name": "reference", "type": "text", "required": true, "sample": "KE-2026-10-0001"},
          {"name": "booked", "type": "date", "required": true, "sample": "2026-10-31"},
          {"name": "points", "type": "whole-number", "required": true, "sample": "-250"},
          {"name": "reason", "type": "text", "sample": "Late return & refund"}]}"#,
    ),
];

/// What a hosting admin made for every live partner.
pub const FOR_EACH: &[(i64, &str)] = &[
    (
        34,
        r#"{"portico_template": 1, "name": "Activity, standard", "process": "accrual", "format": "csv", "heading": true, "fields": [
          {"name": "member_no", "label": "Member number", "type": "text", "required": true, "length": 10, "format": "[0-9]{10}", "sample": "4400128831"},
          {"name": "booked_on", "label": "Day", "type": "date", "required": true, "sample": "2026-10-04"},
          {"name": "amount", "label": "Amount", "type": "decimal", "required": true, "sample": "129.90"},
          {"name": "currency", "type": "text", "required": true, "length": 3, "format": "[A-Z]{3}", "sample": "EUR"},
          {"name": "reference", "type": "text", "length": 40, "sample": "R-20931"}]}"#,
    ),
    (
        33,
        r#"{"portico_template": 1, "name": "New members, standard", "process": "enrolment", "format": "json-lines", "fields": [
          {"name": "first_name", "type": "text", "required": true, "length": 60, "sample": "Zoë"},
          {"name": "last_name", "type": "text", "required": true, "length": 60, "sample": "Nørgaard"},
          {"name": "email", "type": "text", "required": true, "format": "[^@ ]+@[^@ ]+", "sample": "zoe@nowhere.example"},
          {"name": "consent", "type": "yes-no", "required": true, "format": "true/false", "sample": "true"}]}"#,
    ),
];
