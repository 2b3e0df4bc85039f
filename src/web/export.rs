//! Lists as files. Cells that a spreadsheet would run as a formula are made text (ASVS 1.2.10).

use actix_web::HttpResponse;
use actix_web::http::header;

use super::error::AppError;

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

    /// As CSV (RFC 4180), UTF-8.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn csv(&self, name: &str) -> Result<HttpResponse, AppError> {
        Ok(file(name, "csv", "text/csv; charset=utf-8", self.csv_bytes()?))
    }

    /// The CSV itself.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn csv_bytes(&self) -> Result<Vec<u8>, AppError> {
        let wrong = |cause: csv::Error| AppError::Internal(cause.into());
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        writer.write_record(self.head.iter().map(|cell| defused(cell))).map_err(wrong)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(|cell| defused(cell))).map_err(wrong)?;
        }
        writer.into_inner().map_err(|cause| AppError::Internal(anyhow::anyhow!("{cause}")))
    }

    /// As an Excel workbook: every cell is text, so nothing is run.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn xlsx(&self, name: &str) -> Result<HttpResponse, AppError> {
        let wrong = |cause: rust_xlsxwriter::XlsxError| AppError::Internal(cause.into());
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        let lines = std::iter::once(self.head.clone()).chain(self.rows.iter().cloned());
        for (row, cells) in (0u32..).zip(lines) {
            for (column, cell) in (0u16..).zip(cells) {
                sheet.write_string(row, column, cell).map_err(wrong)?;
            }
        }
        let bytes = book.save_to_buffer().map_err(wrong)?;
        Ok(file(name, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", bytes))
    }

    /// As a JSON list of objects.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn json(&self, name: &str) -> Result<HttpResponse, AppError> {
        let objects: Vec<serde_json::Map<String, serde_json::Value>> = self
            .rows
            .iter()
            .map(|row| self.head.iter().zip(row).map(|(key, cell)| (key.clone(), cell.clone().into())).collect())
            .collect();
        let bytes = serde_json::to_vec_pretty(&objects).map_err(|cause| AppError::Internal(cause.into()))?;
        Ok(file(name, "json", "application/json", bytes))
    }
}

fn file(name: &str, ending: &str, kind: &str, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.{ending}\"")))
        .body(bytes)
}

/// A cell that begins like a formula gets an apostrophe before it.
fn defused(cell: &str) -> String {
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
