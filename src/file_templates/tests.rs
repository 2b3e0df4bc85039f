//! What the pure parts promise, tried with made-up templates: the example of a template passes its own check, an
//! exported template comes in as it went out, and no bytes break the checker.

use proptest::prelude::*;

use super::check::{MOST_LINES, Report, SHOWN, check};
use super::model::{Facts, FileFormat};
use super::{example, exchange, forms, guess, rows};
use crate::values::Choice;
use crate::web::form::Form;

/// A template from a few words: `name kind format sample`, and a star behind what is required.
fn facts(settings: &[(&str, &str)], fields: &[(&str, &str, &str, &str)]) -> Facts {
    read(settings, fields).unwrap_or_else(|form| panic!("{:?}", form.errors()))
}

fn read(settings: &[(&str, &str)], fields: &[(&str, &str, &str, &str)]) -> Result<Facts, Form> {
    let mut form = Form::filled([("name", "Stays".to_owned()), ("process", "accrual".to_owned())]);
    for (name, value) in settings {
        form.set(name, value);
    }
    let rows: Vec<rows::Row> = fields
        .iter()
        .map(|(name, kind, length, format)| {
            let mut row = rows::Row::blank();
            row.set(rows::Part::Name, name.trim_end_matches('*'));
            row.set(rows::Part::Required, if name.ends_with('*') { "yes" } else { "" });
            row.set(rows::Part::Kind, kind);
            row.set(rows::Part::Length, length);
            row.set(rows::Part::Format, format);
            row
        })
        .collect();
    forms::layout(&rows::write(&form, &rows))
}

const FIELDS: [(&str, &str, &str, &str); 3] = [
    ("member*", "text", "8", "[A-Z0-9]+"),
    ("nights*", "whole-number", "", ""),
    ("checkout", "date", "10", "DD.MM.YYYY"),
];

fn csv(more: &[(&str, &str)]) -> Facts {
    let mut settings = vec![("format", "csv"), ("heading", "yes")];
    settings.extend(more);
    facts(&settings, &FIELDS)
}

/// Lines, fields and faults of a report.
fn told(report: &Report) -> Vec<(u64, &str, &str)> {
    report.problems.iter().map(|one| (one.line, one.field.as_str(), one.wrong.as_str())).collect()
}

#[test]
fn csv_names_line_field_fault_and_what_was_found() {
    let file = "member,nights,checkout\r\nA1,2,21.11.2026\r\n\r\nab,x,30.02.2026\r\n\"B\nB\",1,\r\nA1,1\r\n,1,\r\n";
    let report = check(&csv(&[]), file.as_bytes(), SHOWN);
    assert_eq!(
        told(&report),
        [
            (4, "member", "does not fit the pattern [A-Z0-9]+"),
            (4, "nights", "is not a whole number"),
            (4, "checkout", "is not a real date as DD.MM.YYYY"),
            (5, "member", "does not fit the pattern [A-Z0-9]+"),
            (7, "", "has 2 columns where 3 are expected"),
            (8, "member", "is required, and there is nothing"),
        ]
    );
    assert_eq!((report.lines, report.bad_lines, report.total, report.stopped), (5, 4, 6, None));
    assert_eq!(report.by_field, [3, 1, 1]);
    assert_eq!(report.problems[1].found, "x");
    // Only so many are kept; all are counted.
    let few = check(&csv(&[]), file.as_bytes(), 2);
    assert_eq!((few.problems.len(), few.total), (2, 6));
}

#[test]
fn headings_delimiters_quotes_and_encodings_are_those_of_the_template() {
    let report = check(&csv(&[]), b"member,stays,checkout\nA1,2,\n", SHOWN);
    assert_eq!(told(&report), [(1, "nights", "is not the heading of its column")]);
    assert_eq!((report.lines, report.bad_lines), (1, 0));
    assert!(
        check(&csv(&[("delimiter", "semicolon"), ("quote", "single")]), b"member;nights;checkout\n'A1';2;\n", 9)
            .is_good()
    );
    assert!(check(&csv(&[("delimiter", "tab")]), b"\xef\xbb\xbfmember\tnights\tcheckout\nA1\t2\t", 9).is_good());
    let text = facts(&[("format", "csv"), ("encoding", "iso-8859-15")], &[("name", "text", "", "Ž€")]);
    assert!(check(&text, b"\xb4\xa4\n", 9).is_good());
    let utf8 = facts(&[("format", "csv")], &[("name", "text", "", "")]);
    let report = check(&utf8, b"caf\xe9\n", 9);
    assert_eq!(told(&report), [(1, "name", "is not written in UTF-8")]);
    assert!(check(&utf8, b"\xff\xfea\0\n\0", 9).stopped.unwrap().contains("UTF-16"));
    let report = check(&utf8, b"a\0b\n", 9);
    assert!(told(&report)[0].2.contains("control character"));
}

#[test]
fn fixed_width_reads_places() {
    let layout =
        facts(&[("format", "fixed-width")], &[("member*", "text", "4", ""), ("nights", "whole-number", "3", "")]);
    let report = check(&layout, "Aé   2\nAéÜß 12\n      x\nA1\n       \n".as_bytes(), SHOWN);
    assert_eq!(
        told(&report),
        [
            (1, "", "is 6 characters long where 7 are expected"),
            (3, "member", "is required, and there is nothing"),
            (3, "nights", "is not a whole number"),
            (4, "", "is 2 characters long where 7 are expected"),
            (5, "member", "is required, and there is nothing"),
        ]
    );
    assert!(check(&layout, b"A1    2\r\n", 9).is_good());
}

#[test]
fn json_lines_are_objects_with_known_names_once() {
    let fields = [
        ("member*", "text", "", ""),
        ("nights", "whole-number", "", ""),
        ("late", "yes-no", "", ""),
        ("paid", "decimal", "", "2"),
    ];
    let layout = facts(&[("format", "json-lines")], &fields);
    let good = "{\"member\":\"A\",\"nights\":2,\"late\":true,\"paid\":1.5}\n\n{\"late\":\"N\",\"member\":\"B\",\"nights\":null}\n";
    assert!(check(&layout, good.as_bytes(), 9).is_good());
    let bad =
        "[1]\n{\"member\":\"A\",\"member\":\"B\"}\n{\"member\":[1]}\n{\"nights\":1.5,\"x\":1}\n{\"member\":\n\"A\"\n";
    let report = check(&layout, bad.as_bytes(), SHOWN);
    assert_eq!(
        told(&report),
        [
            (1, "", "is not a JSON object"),
            (2, "member", "is there twice"),
            (3, "member", "is a list or an object and not a single value"),
            (4, "nights", "is not a whole number"),
            (4, "", "has a name that is not part of the template"),
            (4, "member", "is required, and there is nothing"),
            (5, "", "is not valid JSON (at character 10)"),
            (6, "", "is not a JSON object"),
        ]
    );
    let deep = "[".repeat(60_000);
    assert_eq!(check(&layout, format!("{{\"member\":{deep}").as_bytes(), 9).total, 1);
    assert_eq!(
        told(&check(&layout, " ".repeat(70_000).replace("  ", "{}").as_bytes(), 9))[0].2,
        "is longer than 64 KB"
    );
}

fn xml() -> Facts {
    facts(&[("format", "xml"), ("record", "stay")], &[("member*", "text", "", ""), ("nights", "whole-number", "", "")])
}

#[test]
fn xml_reads_records_wherever_they_are() {
    let good = "<?xml version=\"1.0\"?>\n<a xmlns:b='x'><!-- c -->\n<b:stay><b:member>A &amp; B &#x41;<![CDATA[<c>]]></b:member><nights>2</nights></b:stay>\n<stay><member>C</member><nights/></stay></a>";
    assert!(check(&xml(), good.as_bytes(), 9).is_good(), "{:?}", check(&xml(), good.as_bytes(), 9));
    let bad =
        "<a>\n<stay>\n<nights>x</nights>\n<nights>1</nights><other/>\n<member>&who;<b/></member></stay>\n<stay/></a>";
    let report = check(&xml(), bad.as_bytes(), SHOWN);
    assert_eq!(
        told(&report),
        [
            (4, "nights", "is there twice"),
            (4, "", "has an element that is not part of the template"),
            (5, "member", "uses an entity, and none is expanded"),
            (5, "member", "holds another element where a value is expected"),
            (2, "member", "is required, and there is nothing"),
            (2, "nights", "is not a whole number"),
            (6, "member", "is required, and there is nothing"),
        ]
    );
    assert_eq!((report.lines, report.bad_lines), (2, 2));
}

#[test]
fn xml_bombs_and_broken_files_stop_the_check() {
    let bomb = "<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;\">]><a><stay><member>&lol2;</member></stay></a>";
    let deep = format!("<a>{}", "<b>".repeat(100_000));
    for (file, word) in [
        (bomb, "document type"),
        ("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", "document type"),
        (deep.as_str(), "deeper"),
        ("<a><stay></a>", "broken"),
        ("<a><stay>", "ends before"),
        ("<a>", "ends before"),
        ("<a/>", "no element stay"),
        ("", "no element stay"),
        ("plain", "no element stay"),
    ] {
        let stopped = check(&xml(), file.as_bytes(), 9).stopped.unwrap_or_default();
        assert!(stopped.contains(word), "{}: {stopped}", &file[..file.len().min(40)]);
    }
    let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a><stay><member>A</member></stay></a>";
    assert_eq!(told(&check(&xml(), latin, 9))[0].2, "declares another encoding than UTF-8");
}

#[test]
fn floods_stop_the_check_and_say_where() {
    let one = facts(&[("format", "csv")], &[("a", "text", "", "")]);
    let lines = u64::try_from("a\n".repeat(100_001).lines().count()).unwrap();
    assert_eq!(lines, MOST_LINES + 1);
    let report = check(&one, "a\n".repeat(100_001).as_bytes(), 9);
    assert_eq!((report.lines, report.stopped.is_some()), (MOST_LINES, true));
    assert!(check(&one, "a\n".repeat(100_000).as_bytes(), 9).is_good());
    assert!(check(&one, ",".repeat(2_000).as_bytes(), 9).stopped.unwrap().contains("1,000 columns"));
    assert!(check(&one, format!("a\n\"{}", "x\n".repeat(200_000)).as_bytes(), 9).stopped.unwrap().contains("Line 2"));
    assert!(check(&one, b"", 9).stopped.unwrap().contains("no lines"));
}

#[test]
fn a_layout_that_makes_no_sense_is_refused_at_the_field() {
    let at = |settings: &[(&str, &str)], fields: &[(&str, &str, &str, &str)]| -> Vec<&'static str> {
        read(settings, fields).unwrap_err().errors().iter().map(|error| error.field).collect()
    };
    assert_eq!(at(&[("format", "csv")], &[]), ["fields"]);
    assert_eq!(at(&[("format", "csv")], &[("", "text", "", "")]), ["f0_name"]);
    assert_eq!(at(&[("format", "csv")], &[("a", "text", "", ""), ("A", "text", "", "")]), ["f1_name"]);
    assert_eq!(
        at(&[("format", "csv")], &[("a", "text", "0", ""), ("b", "nonsense", "", "")]),
        ["f0_length", "f1_kind"]
    );
    assert_eq!(at(&[("format", "fixed-width")], &[("a", "text", "", "")]), ["f0_length"]);
    assert_eq!(at(&[("format", "xml")], &[("a b", "text", "", "")]), ["record", "f0_name"]);
    assert_eq!(at(&[("format", "csv")], &[("a", "text", "", "(")]), ["f0_format"]);
    assert_eq!(at(&[("format", "")], &[("a", "date", "", "soon")]), ["format", "f0_format"]);
}

#[test]
fn samples_are_guessed_from_files() {
    let rows = |file: &str| -> Vec<Vec<String>> {
        let form = guess::from_sample(&forms::blank(""), file.as_bytes()).unwrap();
        rows::read(&form).into_iter().map(|row| row.0.to_vec()).collect()
    };
    let found = rows("id;name;born;paid;vip\n1;Ann;1990-02-01;1.50;Y\n2;;1991-03-02;20;N\n");
    let kinds: Vec<(&str, &str, &str, &str)> =
        found.iter().map(|row| (row[0].as_str(), row[2].as_str(), row[3].as_str(), row[5].as_str())).collect();
    assert_eq!(
        kinds,
        [
            ("id", "whole-number", "yes", ""),
            ("name", "text", "", ""),
            ("born", "date", "yes", "YYYY-MM-DD"),
            ("paid", "decimal", "yes", "2"),
            ("vip", "yes-no", "yes", "Y/N"),
        ]
    );
    assert_eq!(rows("1,007\n2,008\n").iter().map(|row| row[0].clone()).collect::<Vec<_>>(), ["column_1", "column_2"]);
    let json = rows("{\"b\":1,\"a\":\"x\"}\n{\"b\":2,\"c\":true}\n");
    assert_eq!(json.iter().map(|row| row[0].clone()).collect::<Vec<_>>(), ["b", "a", "c"]);
    for bad in [&b""[..], b"\xff\xfe", b"a\0b", b"{\"a\":[1]}", b"{}"] {
        assert!(guess::from_sample(&forms::blank(""), bad).is_err(), "{bad:?}");
    }
}

#[test]
fn bad_json_is_refused_with_the_path() {
    let paths = |file: &str| -> Vec<String> {
        exchange::read(file.as_bytes(), "").unwrap_err().into_iter().map(|wrong| wrong.path).collect()
    };
    let with = |rest: &str| {
        format!("{{\"portico_template\":1,\"name\":\"A\",\"process\":\"other\",\"format\":\"csv\",{rest}}}")
    };
    let good = with("\"fields\":[{\"name\":\"a\",\"type\":\"text\"}]");
    assert!(exchange::read(good.as_bytes(), "").is_ok());
    assert_eq!(exchange::read(good.as_bytes(), "Other").unwrap().name.as_str(), "Other");
    for (file, expected) in [
        ("", &[""][..]),
        ("[]", &[""]),
        ("{", &[""]),
        ("{}", &["portico_template"]),
        ("{\"portico_template\":2}", &["portico_template"]),
        ("{\"portico_template\":1}", &["name", "process", "format", "fields"]),
        (&with("\"fields\":{}"), &["fields"]),
        (&with("\"fields\":[1]"), &["fields[0]"]),
        (&with("\"fields\":[{}]"), &["fields[0]"]),
        (
            &with("\"fields\":[{\"name\":\"a\"},{\"name\":7,\"type\":\"text\",\"run\":\"x\"}]"),
            &["fields[1].name", "fields[1].run"],
        ),
        (&with("\"fields\":[{\"name\":\"a\"}]"), &["fields[0].type"]),
        (
            &with("\"fields\":[{\"name\":\"a\",\"type\":\"text\",\"length\":-1,\"required\":true}]"),
            &["fields[0].length"],
        ),
        (&with("\"fields\":[{\"name\":\"a\",\"type\":\"text\",\"required\":\"yes\"}]"), &["fields[0].required"]),
        (&with("\"partner_id\":\"x\",\"heading\":\"yes\",\"fields\":[]"), &["partner_id", "heading"]),
        (&with("\"name\":\"B\",\"fields\":[]"), &["name"]),
    ] {
        assert_eq!(paths(file), expected, "{file}");
    }
    assert_eq!(paths(&with(&format!("\"fields\":[{}1]", "1,".repeat(100)))), ["fields"]);
    assert_eq!(paths(&format!("{{\"portico_template\":1,\"x\":{}", "[".repeat(100_000))), [""]);
    assert!(exchange::read(&vec![b' '; exchange::LARGEST + 1], "").is_err());
}

prop_compose! {
    /// A field with a sample that fits, as somebody would type it.
    fn typed_field()(
        name in "[a-z_][a-z0-9_.-]{0,12}",
        (kind, format, sample) in prop_oneof![
            "[ -~é東]{0,20}".prop_map(|sample| ("text", String::new(), sample)),
            "[A-Z]{3}".prop_map(|sample| ("text", "[A-Z]{3}".to_owned(), sample)),
            "[+-]?[0-9]{1,18}".prop_map(|sample| ("whole-number", String::new(), sample)),
            "-?[0-9]{1,9}\\.[0-9]{1,3}".prop_map(|sample| ("decimal", "3".to_owned(), sample)),
            (1u32..29, 1u32..13, 1900u32..2100).prop_map(|(d, m, y)| ("date", "DD.MM.YYYY".to_owned(), format!("{d:02}.{m:02}.{y}"))),
            (0u32..24, 0u32..60).prop_map(|(h, m)| ("date-time", String::new(), format!("2026-11-21T{h:02}:{m:02}:00+05:30"))),
            Just(("yes-no", "J/N".to_owned(), "J".to_owned())),
            Just(("code-list", "A, \"B\", C;D".to_owned(), "C;D".to_owned())),
        ],
        required in any::<bool>(),
        label in "[ -~ü]{0,10}",
        description in "[ -~]{0,20}",
    ) -> Vec<(&'static str, String)> {
        let sample = if required && sample.trim().is_empty() { if kind == "text" { "x".to_owned() } else { sample } } else { sample };
        let required = if required && !sample.is_empty() { "yes" } else { "" };
        vec![("name", name), ("label", label), ("kind", kind.to_owned()), ("required", required.to_owned()),
            ("length", "30".to_owned()), ("format", format), ("sample", sample), ("description", description)]
    }
}

prop_compose! {
    fn template()(
        format in prop::sample::select(FileFormat::ALL),
        delimiter in prop::sample::select(vec!["comma", "semicolon", "tab", "pipe"]),
        quote in prop::sample::select(vec!["double", "single", "none"]),
        heading in prop::sample::select(vec!["yes", ""]),
        fields in prop::collection::vec(typed_field(), 1..6),
    ) -> Result<Facts, Form> {
        let mut pairs: Vec<(String, String)> = [
            ("name", "A template"), ("process", "other"), ("format", format.key()), ("delimiter", delimiter), ("quote", quote),
            ("encoding", "utf-8"), ("heading", heading), ("record", "stay"),
        ].into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        for (row, field) in fields.into_iter().enumerate() {
            for (part, value) in field {
                // Names differ by their number.
                let value = if part == "name" { format!("{value}{row}") } else { value };
                pairs.push((format!("f{row}_{part}"), value));
            }
        }
        forms::layout(&Form::typed(pairs))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_example_passes_its_own_check_and_a_template_survives_the_journey(made in template()) {
        // Samples that a file without quotes could not hold are refused, rightly.
        let Ok(facts) = made else { return Ok(()) };
        let text = example::lines(&facts);
        let blank = facts.layout.fields.iter().all(|field| field.sample.is_empty());
        let report = check(&facts, text.as_bytes(), SHOWN);
        if !blank {
            prop_assert!(report.is_good(), "{text:?} {report:?}");
        }
        let written = exchange::written(&facts);
        prop_assert_eq!(exchange::read(written.as_bytes(), ""), Ok(facts.clone()), "{}", written);
        prop_assert_eq!(forms::layout(&forms::filled(&facts, 1)).unwrap(), facts);
    }

    #[test]
    fn no_bytes_break_the_checker(bytes in prop::collection::vec(any::<u8>(), 0..2000), format in prop::sample::select(FileFormat::ALL)) {
        let fields = [("a", "text", "5", ""), ("b", "decimal", "5", "2")];
        let facts = facts(&[("format", format.key()), ("record", "a")], &fields);
        let report = check(&facts, &bytes, 5);
        prop_assert!(report.bad_lines <= report.lines && report.problems.len() <= 5);
        guess::from_sample(&forms::blank(""), &bytes).ok();
        exchange::read(&bytes, "").ok();
    }

    #[test]
    fn no_text_like_xml_or_json_breaks_the_checker(text in "[<>/a&;!\\[\\]\"'{}:, \n]{0,300}", format in prop::sample::select(FileFormat::ALL)) {
        let facts = facts(&[("format", format.key()), ("record", "a")], &[("a", "text", "5", "")]);
        let report = check(&facts, text.as_bytes(), 1000);
        prop_assert_eq!(report.problems.len() as u64, report.total);
        let lines = text.lines().count() as u64;
        prop_assert!(report.problems.iter().all(|one| one.line >= 1 && one.line <= lines.max(1)));
    }
}
