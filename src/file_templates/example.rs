//! The example of a template: its heading and one line, made of the samples. What it shows passes the check.

use super::json;
use super::model::{Facts, FileFormat, Kind, Layout, Quote};

/// The first lines of a file as the template says.
pub fn lines(facts: &Facts) -> String {
    match facts.format {
        FileFormat::Csv => csv(&facts.layout),
        FileFormat::FixedWidth => fixed_width(&facts.layout),
        FileFormat::JsonLines => json_line(&facts.layout),
        FileFormat::Xml => xml(&facts.layout),
    }
}

fn csv(layout: &Layout) -> String {
    let mut builder = csv::WriterBuilder::new();
    builder.delimiter(layout.delimiter.byte());
    match layout.quote {
        Quote::None => builder.quote_style(csv::QuoteStyle::Never),
        Quote::Double | Quote::Single => builder.quote(layout.quote.byte().unwrap_or(b'"')),
    };
    let mut writer = builder.from_writer(Vec::new());
    let names = layout.fields.iter().map(|field| &field.name);
    let samples = layout.fields.iter().map(|field| &field.sample);
    // Memory does not refuse to be written to.
    let heading = if layout.heading { writer.write_record(names) } else { Ok(()) };
    let written = heading.and_then(|()| writer.write_record(samples));
    match (written, writer.into_inner()) {
        (Ok(()), Ok(bytes)) => String::from_utf8(bytes).unwrap_or_default(),
        _ => String::new(),
    }
}

fn fixed_width(layout: &Layout) -> String {
    let mut text = String::new();
    for field in &layout.fields {
        let width = usize::try_from(field.length.unwrap_or(1)).unwrap_or(1);
        let blanks = width.saturating_sub(field.sample.chars().count());
        let is_number = matches!(field.kind, Kind::Whole | Kind::Decimal);
        let padding = " ".repeat(blanks);
        if is_number {
            text.push_str(&padding);
        }
        text.push_str(&field.sample);
        if !is_number {
            text.push_str(&padding);
        }
    }
    text.push('\n');
    text
}

fn json_line(layout: &Layout) -> String {
    let pairs: Vec<String> = layout
        .fields
        .iter()
        .filter(|field| !field.sample.is_empty())
        .map(|field| {
            let is_number = matches!(field.kind, Kind::Whole | Kind::Decimal);
            let value = json::sample(&field.sample, is_number);
            format!("{}:{value}", serde_json::Value::String(field.name.clone()))
        })
        .collect();
    format!("{{{}}}\n", pairs.join(","))
}

fn xml(layout: &Layout) -> String {
    let mut text =
        format!("<?xml version=\"1.0\" encoding=\"{}\"?>\n<records>\n", crate::values::Choice::key(layout.encoding));
    text.push_str(&format!("  <{}>\n", layout.record));
    for field in layout.fields.iter().filter(|field| !field.sample.is_empty()) {
        let value = quick_xml::escape::escape(field.sample.as_str());
        text.push_str(&format!("    <{0}>{value}</{0}>\n", field.name));
    }
    text.push_str(&format!("  </{}>\n</records>\n", layout.record));
    text
}
