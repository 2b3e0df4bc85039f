//! Templates: who may do what, whose they are, what a form and a file may hold, and what a check says.

use crate::support::client::{Chosen, Visitor};
use crate::support::*;

const STAYS: [(&str, &str); 10] = [
    ("name", "Nordic stays"),
    ("process", "accrual"),
    ("format", "csv"),
    ("delimiter", "semicolon"),
    ("quote", "double"),
    ("encoding", "utf-8"),
    ("heading", "yes"),
    ("f0_name", "member"),
    ("f0_kind", "text"),
    ("f0_sample", "AB12"),
];

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut form: Vec<(&str, &str)> =
        STAYS.iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name)).copied().collect();
    form.extend(more);
    form
}

fn file<'a>(name: &'a str, bytes: &'a [u8]) -> Option<Chosen<'a>> {
    Some(Chosen { field: "file", name, bytes })
}

fn kestrel() -> String {
    format!("/templates/{}", template::KESTREL)
}

fn check(visitor: &Visitor, id: &str, bytes: &[u8]) -> Answer {
    visitor.post_multipart(&format!("/templates/{id}/check"), &[], file("stays.csv", bytes))
}

/// Makes a template and returns its id.
fn created(visitor: &Visitor, more: &[(&str, &str)]) -> String {
    let answer = visitor.post("/templates", &with(more));
    assert_eq!(answer.status(), 303, "{}", answer.text());
    answer.location().trim_start_matches("/templates/").to_owned()
}

#[test]
fn a_partner_admin_makes_edits_copies_and_removes_their_own() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    // Another partner in the form is ignored: it is her own.
    let id = created(&pia, &[("partner", "MERIDIAN")]);
    let page = pia.get(&format!("/templates/{id}"));
    assert_eq!(page.first("h1"), "Nordic stays");
    assert_eq!(page.first("pre.code"), "member AB12");
    let owner = format!("SELECT partner_id FROM file_templates WHERE id = '{id}'");
    assert_eq!(app.database().value(&owner), partner::KESTREL);

    let edit = format!("/templates/{id}/edit");
    let form = pia.get(&edit).form(&format!("form[action=\"{edit}\"]")).with("f0_length", "9").with("name", "Stays");
    assert_eq!(pia.post(&edit, &form.pairs()).location(), format!("/templates/{id}"));
    assert_eq!(pia.get(&format!("/templates/{id}")).first("h1"), "Stays");
    // The same once more is nothing, and the old version is refused with what was typed.
    let again = pia.get(&edit).form(&format!("form[action=\"{edit}\"]"));
    app.assert_unchanged(|| assert_eq!(pia.post(&edit, &again.pairs()).status(), 303));
    let stale = app.assert_unchanged(|| pia.post(&edit, &form.clone().with("name", "Late").pairs()));
    assert_eq!(stale.status(), 409);
    assert!(stale.first("#conflict").contains("stored is Stays, you typed Late"), "{}", stale.first("#conflict"));
    let kept = stale.form(&format!("form[action=\"{edit}\"]"));
    assert_eq!((kept.value("name"), kept.value("version")), ("Late", "2"));

    let copy = pia.post(&format!("/templates/{id}/copy"), &[]);
    assert!(copy.location().ends_with("/edit"));
    assert_eq!(pia.get(copy.location()).form("form.layout").value("name"), "Stays (copy)");
    let removal = format!("/templates/{id}/removal");
    assert!(pia.get(&removal).first("h1").contains("Remove Stays?"));
    app.assert_unchanged(|| assert_eq!(pia.post(&removal, &[("version", "1")]).status(), 409));
    assert_eq!(pia.post(&removal, &[("version", "2")]).location(), "/templates");
    assert_eq!(pia.get(&format!("/templates/{id}")).status(), 404);
    let log = pia.get("/partners/KESTREL/activity").first(".log");
    for sentence in [
        "created the template Nordic stays",
        "changed the template Stays",
        "copied the template Stays as Stays (copy)",
        "removed the template Stays",
    ] {
        assert!(log.contains(sentence), "{sentence} in {log}");
    }
    let behalf = "SELECT count(*) FROM activity WHERE kind LIKE 'Template%' AND on_behalf";
    assert_eq!(app.database().value(behalf), "0");
}

#[test]
fn a_host_acts_for_a_partner_and_that_is_recorded() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let id = created(&hana, &[("partner", "KESTREL")]);
    let behalf = format!("SELECT on_behalf FROM activity WHERE event->>'template' = '{id}'");
    assert_eq!(app.database().value(&behalf), "true");
    assert_eq!(app.as_(PIA).get(&format!("/templates/{id}")).status(), 200);
    app.database().run("UPDATE partners SET status = 'archived' WHERE code = 'MERIDIAN'");
    for (code, status) in [("", 422), ("NOBODY", 422), ("BOREAL", 422), ("not a code", 422), ("MERIDIAN", 409)] {
        let answer = app.assert_unchanged(|| hana.post("/templates", &with(&[("partner", code)])));
        assert_eq!(answer.status(), status, "{code}");
        assert!(status == 409 || !answer.error_at("partner").is_empty(), "{code}");
    }
}

#[test]
fn what_each_role_may_do_is_what_its_pages_offer() {
    let app = TestApp::new();
    for (who, reads, writes) in [
        (SAM, true, false),
        (HANA, true, true),
        (RUI, true, false),
        (CLEO, false, false),
        (ALDO, true, false),
        (PIA, true, true),
        (UMA, true, false),
        (OTTO, true, false),
    ] {
        let visitor = app.as_(who);
        let status = if reads { 200 } else { 403 };
        assert_eq!(visitor.get("/templates").status(), status, "{}", who.name);
        assert_eq!(visitor.get(&kestrel()).status(), status, "{}", who.name);
        assert_eq!(visitor.get("/me").text().contains("href=\"/templates\""), reads, "{}", who.name);
        assert_eq!(visitor.get("/templates/new").status(), if writes { 200 } else { 403 }, "{}", who.name);
        if reads {
            let page = visitor.get(&kestrel()).text();
            for offer in ["/edit", "/copy", "/removal"] {
                assert_eq!(page.contains(&format!("{}{offer}\"", kestrel())), writes, "{}: {offer}", who.name);
            }
            assert_eq!(check(&visitor, template::KESTREL, b"member,nights\nAB,1\n").status(), 200);
        }
        if !writes {
            app.assert_unchanged(|| {
                assert_eq!(visitor.post("/templates", &with(&[("partner", "KESTREL")])).status(), 403);
                assert_eq!(visitor.post(&format!("{}/edit", kestrel()), &with(&[("version", "1")])).status(), 403);
                assert_eq!(visitor.post(&format!("{}/copy", kestrel()), &[]).status(), 403);
                assert_eq!(visitor.post(&format!("{}/removal", kestrel()), &[("version", "1")]).status(), 403);
            });
        }
    }
}

#[test]
fn t03_templates_of_others_are_not_found_by_any_address() {
    let app = TestApp::new();
    for (who, foreign) in [
        (PIA, &[template::SOLHQ, template::MERIDIAN, template::BOREAL, "x"][..]),
        (MIRA, &[template::KESTREL, template::BOREAL]),
        (HANA, &[template::BOREAL]),
        (HECTOR, &[template::KESTREL]),
    ] {
        let visitor = app.as_(who);
        for id in foreign {
            app.assert_unchanged(|| {
                for end in ["", ".json", "/edit", "/removal", "/check"] {
                    assert_eq!(visitor.get(&format!("/templates/{id}{end}")).status(), 404, "{}: {end}", who.name);
                }
                for end in ["/edit", "/copy", "/removal"] {
                    let answer = visitor.post(&format!("/templates/{id}{end}"), &with(&[("version", "1")]));
                    assert_eq!(answer.status(), 404, "{}: {end}", who.name);
                }
                let add = visitor.post(&format!("/templates/{id}/edit"), &with(&[("version", "1"), ("act", "add")]));
                assert_eq!(add.status(), 404);
                assert_eq!(check(&visitor, id, b"a").status(), 404);
            });
        }
    }
    assert_eq!(app.as_(PIA).get("/templates").texts("tbody th"), ["Layout of Kestrel Car Rental"]);
    assert_eq!(app.as_(PIA).get("/templates?partner=MERIDIAN").count("tbody tr"), 0);
    assert_eq!(app.as_(PIA).get("/partners/MERIDIAN/templates").status(), 404);
    assert_eq!(app.as_(HANA).get("/templates").count("tbody tr"), 3);
}

#[test]
fn the_list_is_filtered_sorted_paged_and_exported() {
    let app = TestApp::new();
    app.database().run(&format!(
        "INSERT INTO file_templates (id, program_id, partner_id, name, process, format, layout, field_count, created_at, updated_at, updated_by, updated_by_name)
           SELECT gen_random_uuid(), program_id, partner_id, 'Many ' || n, 'redemption', 'xml', layout, 2, now(), '2026-05-01Z', '{}', 'Pia Partner'
           FROM file_templates, generate_series(1, 30) n WHERE id = '{}'",
        PIA.id,
        template::KESTREL
    ));
    let hana = app.as_(HANA);
    let count = |query: &str| hana.get(&format!("/templates?size=100&{query}")).count("tbody tr");
    assert_eq!(
        (count(""), count("partner=KESTREL"), count("partner=MERIDIAN"), count("partner=NOBODY")),
        (33, 31, 1, 0)
    );
    assert_eq!((count("process=redemption"), count("format=csv"), count("q=many+1")), (30, 3, 11));
    assert_eq!((count(&format!("updated_by={}", PIA.id)), count("q=%25")), (30, 0));
    // Pages lead through all of them, once each, in both orders.
    for sort in ["name", "-updated"] {
        let (mut address, mut seen) = (format!("/templates?sort={sort}"), Vec::new());
        loop {
            let page = hana.get(&address);
            seen.extend(page.attributes("tbody th a", "href"));
            match page.attributes("a[rel=next]", "href").first() {
                Some(next) => address = next.clone(),
                None => break,
            }
        }
        let all = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!((all, seen.len()), (33, 33), "{sort}");
    }
    let csv = hana.get("/templates/export.csv?format=csv&sort=name").text();
    assert_eq!(csv.lines().count(), 4, "{csv}");
    assert!(
        csv.lines().nth(1).unwrap().contains("KESTREL,Kestrel Car Rental,Layout of Kestrel Car Rental,accrual,csv,2,1")
    );
}

#[test]
fn buttons_add_move_and_remove_fields_and_keep_what_was_typed() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let blank = pia.get("/templates/new");
    assert_eq!(blank.count(".layout-rows > li"), 3);
    let typed = [
        ("name", "<b>Half"),
        ("format", "nonsense"),
        ("f0_name", "a"),
        ("f0_kind", "text"),
        ("f1_name", "b é"),
        ("f1_required", "yes"),
        ("f1_kind", "date"),
    ];
    for (act, names) in
        [("add", &["a", "b é", ""][..]), ("up-1", &["b é", "a"]), ("down-0", &["b é", "a"]), ("remove-0", &["b é"])]
    {
        let mut form = typed.to_vec();
        form.push(("act", act));
        for address in ["/templates".to_owned(), format!("{}/edit", kestrel())] {
            form.push(("version", "1"));
            let answer = app.assert_unchanged(|| pia.post(&address, &form));
            assert_eq!(answer.status(), 200, "{act}");
            let again = answer.form("form.layout");
            let found: Vec<&str> =
                (0..names.len()).map(|row| again.value(["f0_name", "f1_name", "f2_name"][row])).collect();
            assert_eq!(found, names, "{act}");
            assert_eq!(again.value("name"), "<b>Half");
            let place = names.iter().position(|name| *name == "b é").unwrap();
            assert_eq!(again.value(["f0_required", "f1_required"][place]), "yes", "{act}");
            assert_eq!(answer.count(".error"), 0, "pressing {act} is no time for errors");
            form.pop();
        }
    }
}

#[test]
fn t50_each_field_refuses_what_it_cannot_be_and_keeps_it() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let long = |length: usize| "x".repeat(length);
    let cases: [(&str, Vec<String>); 9] = [
        (
            "name",
            vec![String::new(), "  ".into(), long(121), "a\u{202e}b".into(), "LAYOUT of kestrel car rental".into()],
        ),
        ("process", vec![String::new(), "theft".into()]),
        ("format", vec![String::new(), "exe".into()]),
        ("delimiter", vec!["x".into(), ",".into()]),
        ("f0_name", vec![String::new(), long(65), "a\u{0}b".into(), "\u{202e}".into()]),
        (
            "f0_length",
            vec!["0".into(), "-1".into(), "4001".into(), "1.5".into(), "٣".into(), "1e3".into(), "99999999999".into()],
        ),
        ("f0_format", vec!["(".into(), "[z-a]".into(), "(a{500}){500}".into(), "a)|(b".into(), long(1001)]),
        ("f0_sample", vec![long(201), "a\u{7}b".into()]),
        ("f0_description", vec![long(301)]),
    ];
    for (field, values) in cases {
        for value in values {
            let answer = app.assert_unchanged(|| pia.post("/templates", &with(&[(field, &value)])));
            assert_eq!(answer.status(), 422, "{field} {value:?}");
            assert!(answer.error_at(field).len() > 10, "{field} {value:?}: {}", answer.text());
            assert!(answer.page().has(&format!("#errors a[href=\"#{field}\"]")), "{field}");
            let again = answer.form("form.layout");
            for (name, typed) in with(&[(field, value.as_str())]) {
                let is_choice = ["process", "format", "delimiter"].contains(&name);
                if name != field || !is_choice {
                    assert_eq!(
                        again.value(name).replace('\u{fffd}', ""),
                        typed.replace('\u{0}', ""),
                        "{field}: {name} is kept"
                    );
                }
            }
        }
        let mut twice = with(&[]);
        twice.push((field, "once more"));
        twice.push((field, "once more"));
        assert_eq!(app.assert_unchanged(|| pia.post("/templates", &twice)).status(), 422, "{field} twice");
    }
    // A sample obeys its field, and a template has 1 to 100 of them.
    let bad = pia.post("/templates", &with(&[("f0_kind", "whole-number")]));
    assert!(bad.error_at("f0_sample").contains("is not a whole number"));
    let without: Vec<(&str, &str)> = STAYS.iter().filter(|(name, _)| !name.starts_with("f0_")).copied().collect();
    assert_eq!(app.assert_unchanged(|| pia.post("/templates", &without)).status(), 422);
    assert_eq!(app.assert_unchanged(|| pia.post("/templates", &with(&[("f100_name", "x")]))).status(), 422);
    let version = pia.post(&format!("{}/edit", kestrel()), &with(&[("version", "x")]));
    assert_eq!(version.status(), 400);
}

#[test]
fn names_are_unique_in_a_partner_whatever_the_case() {
    let app = TestApp::new();
    let (pia, mira) = (app.as_(PIA), app.as_(MIRA));
    created(&pia, &[]);
    created(&mira, &[]);
    let taken = app.assert_unchanged(|| pia.post("/templates", &with(&[("name", "NORDIC STAYS")])));
    assert!(taken.error_at("name").contains("already"));
    let edit = app.assert_unchanged(|| pia.post(&format!("{}/edit", kestrel()), &with(&[("version", "1")])));
    assert!(edit.error_at("name").contains("already"));
}

#[test]
fn an_exported_template_comes_in_elsewhere_as_it_went_out() {
    let app = TestApp::new();
    let (pia, mira) = (app.as_(PIA), app.as_(MIRA));
    let id = created(&pia, &[("f1_name", "Übernachtungen"), ("f1_kind", "whole-number"), ("f1_required", "yes")]);
    let json = pia.get(&format!("/templates/{id}.json"));
    assert!(json.header("content-disposition").starts_with("attachment"));
    assert!(!json.text().contains(partner::KESTREL));
    let answer = mira.post_multipart("/templates/import", &[("partner", "KESTREL")], file("a.json", json.bytes()));
    assert_eq!(answer.status(), 303, "{}", answer.text());
    let there = answer.location().trim_start_matches("/templates/").to_owned();
    assert_eq!(mira.get(&format!("/templates/{there}.json")).text(), json.text());
    let owner = format!("SELECT partner_id FROM file_templates WHERE id = '{there}'");
    assert_eq!(app.database().value(&owner), partner::MERIDIAN);
    // A second time the name is taken, unless another is given.
    let send = |name: &str| mira.post_multipart("/templates/import", &[("name", name)], file("a.json", json.bytes()));
    assert!(app.assert_unchanged(|| send("")).error_at("name").contains("already"));
    assert_eq!(send("Another").status(), 303);
    assert!(
        mira.get("/partners/MERIDIAN/activity").first(".log").contains("imported the template Another from a.json")
    );
}

#[test]
fn bad_files_are_refused_with_the_place_and_change_nothing() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    for (bytes, word) in [
        (&b"{\"portico_template\":1,\"name\":\"A\",\"process\":\"other\",\"format\":\"csv\",\"fields\":[{\"name\":\"a\",\"type\":\"x\"}]}"[..], "fields[0].type"),
        (b"{\"portico_template\":1,\"run\":\"rm -rf\"}", "run"),
        (b"not json", "not valid JSON"),
        (b"\xff\xfe", "UTF-8"),
        (b"{}", "portico_template"),
    ] {
        let answer = app.assert_unchanged(|| pia.post_multipart("/templates/import", &[], file("a.json", bytes)));
        assert_eq!(answer.status(), 422);
        assert!(answer.first("#wrong").contains(word), "{word}: {}", answer.first("#wrong"));
    }
    app.assert_unchanged(|| {
        assert_eq!(pia.post_multipart("/templates/import", &[("name", "")], None).status(), 422);
        assert_eq!(pia.post_multipart("/templates/sample", &[("name", "")], None).status(), 422);
        assert_eq!(pia.post_multipart("/templates/sample", &[], file("x", b"a\0b")).status(), 422);
        let guessed = pia.post_multipart("/templates/sample", &[], file("x.csv", b"id|when\n1|2026-01-02\n"));
        let form = guessed.form("form.layout");
        assert_eq!(
            (form.value("delimiter"), form.value("f1_kind"), form.value("f1_sample")),
            ("pipe", "date", "2026-01-02")
        );
    });
}

#[test]
fn a_file_is_checked_and_nothing_of_it_is_stored() {
    let app = TestApp::new();
    let uma = app.as_(UMA);
    app.assert_unchanged(|| {
        let good = check(&uma, template::KESTREL, b"member,nights\r\nAB12,3\r\nC3,\r\n");
        assert!(good.first("#result").contains("All 2 lines fit"), "{}", good.first("#result"));
        let bad = check(&uma, template::KESTREL, b"member,nights\nab,3\nAB,x\nAB\n");
        assert_eq!(
            bad.texts("#problems tbody tr"),
            [
                "2memberdoes not fit the pattern [A-Z0-9]+ab",
                "3nightsis not a whole numberx",
                "4The linehas 1 columns where 2 are expectedAB",
            ]
        );
        assert!(bad.texts(".stats li").iter().any(|text| text == "Bad3 lines"), "{:?}", bad.texts(".stats li"));
        // As a file: formulas are text there.
        let cells = b"member,nights\n\"=HYPERLINK(1)\",+x\n\"@SUM\",-y\n";
        let csv = uma.post_multipart(&format!("{}/check", kestrel()), &[("as", "csv")], file("a.csv", cells)).text();
        assert!(
            csv.contains(",'=HYPERLINK(1)") && csv.contains(",'+x") && csv.contains(",'@SUM") && csv.contains(",'-y"),
            "{csv}"
        );
        assert_eq!(uma.post_multipart(&format!("{}/check", kestrel()), &[("as", "")], None).status(), 422);
        let many = "a,b\n".repeat(300);
        let answer = check(&uma, template::KESTREL, many.as_bytes());
        assert_eq!(answer.count("#problems tbody tr"), 200);
        let large =
            uma.post_multipart(&format!("{}/check", kestrel()), &[], file("a", &vec![b'a'; 10 * 1024 * 1024 + 1]));
        assert_eq!((large.status(), large.error_at("file").contains("10 MB")), (422, true));
        let hostile = check(&uma, template::KESTREL, b"member,nights\n<script>alert(1)</script>,1\n");
        assert!(!hostile.text().contains("<script>alert"), "{}", hostile.text());
    });
}

#[test]
fn t67_checks_are_counted_as_uploads() {
    let app = TestApp::new();
    let uma = app.as_(UMA);
    let statuses: Vec<u16> = (0..61).map(|_| check(&uma, template::KESTREL, b"member,nights\n").status()).collect();
    assert_eq!((statuses[59], statuses[60]), (200, 429));
}

#[test]
fn t30_two_edits_at_once_one_wins() {
    let app = TestApp::new();
    let other = app.another();
    let (left, right) = (app.as_(PIA), other.as_(HANA));
    let edit = format!("{}/edit", kestrel());
    let statuses = std::thread::scope(|scope| {
        let one = scope.spawn(|| left.post(&edit, &with(&[("version", "1"), ("name", "Left")])).status());
        let two = scope.spawn(|| right.post(&edit, &with(&[("version", "1"), ("name", "Right")])).status());
        let mut both = [one.join().unwrap(), two.join().unwrap()];
        both.sort_unstable();
        both
    });
    assert_eq!(statuses, [303, 409]);
}

/// The template of a public list of airlines, whose empty values are written `\N`; these rows are made up.
#[test]
fn a_list_of_airlines_is_checked_against_a_template_made_for_it() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let fields = [
        ("id", "whole-number", "yes", ""),
        ("name", "text", "yes", ""),
        ("alias", "text", "", ""),
        ("iata", "text", "", r"[A-Z0-9]{2}|-"),
        ("icao", "text", "", r"[A-Z0-9]{3}|N/A"),
        ("callsign", "text", "", ""),
        ("country", "text", "", ""),
        ("active", "yes-no", "yes", "Y/N"),
    ];
    let mut form: Vec<(String, String)> = with(&[("delimiter", "comma"), ("f0_sample", "")])
        .into_iter()
        .filter(|(name, _)| !name.starts_with("f0_"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    for (row, (name, kind, required, format)) in fields.into_iter().enumerate() {
        for (part, value) in [("name", name), ("kind", kind), ("required", required), ("format", format)] {
            if !value.is_empty() {
                form.push((format!("f{row}_{part}"), value.to_owned()));
            }
        }
    }
    let pairs: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = pia.post("/templates", &pairs);
    let id = answer.location().trim_start_matches("/templates/").to_owned();
    let rows = "id,name,alias,iata,icao,callsign,country,active\n\
        -1,Nobody Air,\\N,-,N/A,\\N,\\N,Y\n\
        7,\"Air of Nowhere, Ltd.\",\\N,,NWR,,Nowhere,Y\n\
        8,Fjordfly,\\N,FJ,\\N,FJORD,Norway,n\n";
    let result = check(&pia, &id, rows.as_bytes());
    assert_eq!(result.count("#problems tbody tr"), 2, "{}", result.first("#problems"));
    assert_eq!(result.texts("aside .rows li"), ["icao1 problem", "active1 problem"]);
}
