//! How a letter leaves: now as a file per letter, which is enough to see what would be sent.

use std::path::{Path, PathBuf};

use lettre::message::{Mailbox, MultiPart};
use lettre::{FileTransport, Message, Transport as _};

use super::letter::Written;

/// Where letters go.
#[derive(Clone)]
pub struct Transport {
    from: Mailbox,
    folder: PathBuf,
}

impl Transport {
    /// Letters as `.eml` files in a folder, which is made when it is missing.
    ///
    /// # Errors
    /// When the folder cannot be made or the sender is no address.
    pub fn file(from: &str, folder: &Path) -> anyhow::Result<Transport> {
        std::fs::create_dir_all(folder)?;
        Ok(Transport { from: from.parse()?, folder: folder.to_owned() })
    }

    /// Sends one letter.
    ///
    /// # Errors
    /// With the problem in words, for the outbox.
    pub fn send(&self, written: &Written, to: &str, message_id: &str) -> Result<(), String> {
        let to: Mailbox = to.parse().map_err(|_| "the recipient is not an address".to_owned())?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(&written.subject)
            .message_id(Some(message_id.to_owned()))
            .multipart(MultiPart::alternative_plain_html(written.text.clone(), written.html.clone()))
            .map_err(|cause| format!("the letter could not be put together: {cause}"))?;
        FileTransport::new(&self.folder)
            .send(&message)
            .map(drop)
            .map_err(|cause| format!("the file could not be written: {cause}"))
    }
}
