//! From bytes to rows: the file's own shape, before anything is known of partners.
//!
//! A row that cannot be read is kept with its reason, so that the report names it; only what makes the whole file
//! useless is an error.

use crate::values::{Refused, shown};
use crate::web::listing::grouped;

/// Largest file, in bytes.
pub const LARGEST: usize = 20 * 1024 * 1024;
/// Most rows.
pub const MOST_ROWS: usize = 100_000;

/// A file that was read.
#[derive(Debug)]
pub struct Table {
    /// The headings, trimmed.
    pub header: Vec<String>,
    /// The rows below.
    pub rows: Vec<Row>,
}

/// One row.
#[derive(Debug)]
pub struct Row {
    /// The line of the file on which it begins; the heading is line 1.
    pub line: i32,
    /// Its cells, as they are; what is not UTF-8 replaced.
    pub cells: Vec<String>,
    /// Why it cannot be used.
    pub broken: Option<Broken>,
}

/// Why a row cannot be read.
#[derive(Debug)]
pub struct Broken {
    /// The cell that is to blame.
    pub column: Option<usize>,
    /// In words.
    pub reason: String,
    /// What to do.
    pub hint: &'static str,
}

/// Whether a cell says nothing; `\N` is how databases write that.
pub fn is_empty(cell: &str) -> bool {
    matches!(cell.trim(), "" | "\\N")
}

/// Reads a whole file.
///
/// # Errors
/// Too large, too many rows, no heading, no rows, or not a text file; with a sentence.
pub fn read(bytes: &[u8]) -> Result<Table, Refused> {
    if bytes.len() > LARGEST {
        return Err("The file is larger than 20 MB. Split it.".into());
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("The file is UTF-16 text. Save it as CSV UTF-8.".into());
    }
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter(bytes)).from_reader(bytes);
    let mut lines = Lines { bytes, at: 0, line: 1 };
    let mut record = csv::ByteRecord::new();
    let unreadable = |cause: csv::Error| format!("The file cannot be read as CSV: {cause}");
    if !reader.read_byte_record(&mut record).map_err(unreadable)? {
        return Err("The file is empty. It needs a line of headings and rows below it.".into());
    }
    let header = headings(&record)?;
    let mut rows = Vec::new();
    while reader.read_byte_record(&mut record).map_err(unreadable)? {
        // A line of blanks between rows.
        if record.len() == 1 && header.len() > 1 && record.iter().all(|cell| cell.trim_ascii().is_empty()) {
            continue;
        }
        if rows.len() == MOST_ROWS {
            return Err(format!("The file has more than {} rows. Split it.", grouped(MOST_ROWS as i64)));
        }
        let begin = record.position().map_or(0, csv::Position::byte);
        rows.push(row(&record, &header, lines.of(usize::try_from(begin).unwrap_or(usize::MAX))));
    }
    if rows.is_empty() {
        return Err("The file has headings and no rows below them.".into());
    }
    Ok(Table { header, rows })
}

/// A comma, unless the first line has more semicolons or tabs outside quotes.
fn delimiter(bytes: &[u8]) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in bytes {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            other if !quoted => {
                counts.iter_mut().filter(|(known, _)| known == other).for_each(|(_, count)| *count += 1)
            }
            _ => {}
        }
    }
    let [comma, others @ ..] = counts;
    others.into_iter().fold(comma, |best, next| if next.1 > best.1 { next } else { best }).0
}

fn headings(record: &csv::ByteRecord) -> Result<Vec<String>, Refused> {
    let header: Result<Vec<String>, _> =
        record.iter().map(|cell| std::str::from_utf8(cell).map(|cell| cell.trim().to_owned())).collect();
    let header = header.map_err(|_| "The headings are not UTF-8 text. Save the file as CSV UTF-8.".to_owned())?;
    if header.iter().all(String::is_empty) {
        return Err("The first line has no headings.".into());
    }
    if header.iter().any(|heading| heading.contains('\0')) {
        return Err("This is not a text file.".into());
    }
    Ok(header)
}

fn row(record: &csv::ByteRecord, header: &[String], line: i32) -> Row {
    let cells = record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
    let broken = if record.len() == header.len() {
        record.iter().position(|cell| std::str::from_utf8(cell).is_err()).map(|column| Broken {
            column: Some(column),
            reason: format!(
                "The cell “{}” is not valid UTF-8 text",
                header.get(column).map(|heading| shown(heading)).unwrap_or_default()
            ),
            hint: "Save the file as CSV UTF-8.",
        })
    } else {
        Some(Broken {
            column: None,
            reason: format!("The row has {} cells; the headings are {}", record.len(), header.len()),
            hint: if record.len() > header.len() {
                "A cell with a comma needs quotes around it."
            } else {
                "Look for a missing comma or an open quote."
            },
        })
    };
    Row { line, cells, broken }
}

/// Counts lines up to a place in the file. The reader's own count stands at the end of the row before, also when
/// empty lines follow.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: i32,
}

impl Lines<'_> {
    fn of(&mut self, begin: usize) -> i32 {
        while let Some(byte) = self.bytes.get(self.at) {
            let ends = *byte == b'\n' || (*byte == b'\r' && self.bytes.get(self.at + 1) != Some(&b'\n'));
            if self.at >= begin && !matches!(byte, b'\n' | b'\r') {
                break;
            }
            self.line += i32::from(ends);
            self.at += 1;
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(i32, String)> {
        read(text.as_bytes()).unwrap().rows.into_iter().map(|row| (row.line, row.cells.join("|"))).collect()
    }

    #[test]
    fn lines_are_the_files_own() {
        let expected = [(3, "a|b\nc".to_owned()), (6, "d|e".to_owned())];
        assert_eq!(lines("\u{feff}x,y\n\na,\"b\nc\"\n\nd,e\n"), expected);
        let crlf: Vec<(i32, String)> = lines("x;y\r\n\r\na;\"b\r\nc\"\r\n\r\nd;e");
        assert_eq!(crlf.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 6]);
        assert_eq!(lines("x\ty,z\tw\na\tb\tc"), [(2, "a|b|c".to_owned())]);
        assert_eq!(lines("x,y\ra,b\rc,d"), [(2, "a|b".to_owned()), (3, "c|d".to_owned())]);
    }

    #[test]
    fn bad_rows_are_kept_with_a_reason() {
        let table = read(b"x,y\na,b,c\nd\n\xff,e\n   \nf,g").unwrap();
        let reasons: Vec<bool> = table.rows.iter().map(|row| row.broken.is_some()).collect();
        assert_eq!(reasons, [true, true, true, false]);
        assert!(table.rows[2].broken.as_ref().unwrap().reason.contains("“x”"));
    }

    #[test]
    fn useless_files_are_refused() {
        for bad in [&b""[..], b"\n\n", b"x,y\n", b",\na,b", b"\xff\xfex\0", b"\xff,x\na,b"] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn t53_rows_are_limited() {
        let rows = |count: usize| format!("x\n{}", "a\n".repeat(count));
        assert_eq!(read(rows(MOST_ROWS).as_bytes()).unwrap().rows.len(), MOST_ROWS);
        assert!(read(rows(MOST_ROWS + 1).as_bytes()).unwrap_err().contains("100,000"));
    }
}
