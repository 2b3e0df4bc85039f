//! Lists as files. Cells that a spreadsheet would run as a formula are made text (ASVS 1.2.10).

use actix_web::HttpResponse;
use actix_web::http::header;

use tokio::sync::Semaphore;

use super::error::AppError;
use crate::db::blocking;

/// A table on its way to a file.
pub struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table with headings.
    pub fn new(head: &[&str]) -> Table {
        Table { head: head.iter().map(ToString::to_string).collect(), rows: Vec::new() }
    }

    /// One more row.
    pub fn push(&mut self, row: Vec<String>) {
        self.rows.push(row);
    }

    /// The table as a file, written away from the request threads, a few at a time: a long list takes seconds.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn answer(self, name: &str, format: Format) -> Result<HttpResponse, AppError> {
        static AT_ONCE: Semaphore = Semaphore::const_new(2);
        let _turn = AT_ONCE.acquire().await.map_err(|cause| AppError::Internal(cause.into()))?;
        let bytes = blocking(move || match format {
            Format::Csv => self.csv_bytes(),
            Format::Xlsx => self.xlsx_bytes(),
            Format::Json => self.json_bytes(),
        })
        .await?;
        let (ending, kind) = format.named();
        Ok(HttpResponse::Ok()
            .content_type(kind)
            .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.{ending}\"")))
            .body(bytes))
    }

    /// As CSV (RFC 4180), UTF-8.
    fn csv_bytes(&self) -> Result<Vec<u8>, AppError> {
        let wrong = |cause: csv::Error| AppError::Internal(cause.into());
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        writer.write_record(self.head.iter().map(|cell| defused(cell))).map_err(wrong)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(|cell| defused(cell))).map_err(wrong)?;
        }
        writer.into_inner().map_err(|cause| AppError::Internal(anyhow::anyhow!("{cause}")))
    }

    /// As an Excel workbook: every cell is text, so nothing is run.
    fn xlsx_bytes(&self) -> Result<Vec<u8>, AppError> {
        let wrong = |cause: rust_xlsxwriter::XlsxError| AppError::Internal(cause.into());
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        let lines = std::iter::once(self.head.clone()).chain(self.rows.iter().cloned());
        for (row, cells) in (0u32..).zip(lines) {
            for (column, cell) in (0u16..).zip(cells) {
                sheet.write_string(row, column, cell).map_err(wrong)?;
            }
        }
        book.save_to_buffer().map_err(wrong)
    }

    /// As a JSON list of objects.
    fn json_bytes(&self) -> Result<Vec<u8>, AppError> {
        let objects: Vec<serde_json::Map<String, serde_json::Value>> = self
            .rows
            .iter()
            .map(|row| self.head.iter().zip(row).map(|(key, cell)| (key.clone(), cell.clone().into())).collect())
            .collect();
        serde_json::to_vec_pretty(&objects).map_err(|cause| AppError::Internal(cause.into()))
    }
}

/// The kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values.
    Csv,
    /// An Excel workbook.
    Xlsx,
    /// JSON.
    Json,
}

impl Format {
    /// Reads the ending of an address.
    pub fn of_ending(ending: &str) -> Option<Format> {
        [Format::Csv, Format::Xlsx, Format::Json].into_iter().find(|format| format.named().0 == ending)
    }

    fn named(self) -> (&'static str, &'static str) {
        match self {
            Format::Csv => ("csv", "text/csv; charset=utf-8"),
            Format::Xlsx => ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            Format::Json => ("json", "application/json"),
        }
    }
}

/// A cell that begins like a formula gets an apostrophe before it.
pub(crate) fn defused(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t53_formulas_are_text_and_quotes_are_doubled() {
        let mut table = Table::new(&["Name"]);
        for cell in ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "say \"hi\", you"] {
            table.push(vec![cell.to_owned()]);
        }
        let text = String::from_utf8(table.csv_bytes().unwrap()).unwrap();
        let rows: Vec<&str> = text.split_terminator("\r\n").collect();
        assert_eq!(rows[1], "'=cmd|' /C calc'!A0");
        assert_eq!((rows[2], rows[3], rows[4]), ("'+1", "'-1", "'@SUM(A1)"));
        assert!(text.ends_with("\"say \"\"hi\"\", you\"\r\n"));
    }
}
