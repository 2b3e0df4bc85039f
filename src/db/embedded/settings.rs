//! What Portico asks of its private server: no network, durable unless it is a scratch one, and
//! the needs of one portal on a small machine.

use std::path::Path;

#[derive(Clone, Copy, Debug)]
pub(super) enum Tuning {
    /// What the portal's data deserves.
    Durable,
    /// For data that may be thrown away.
    Scratch,
}

/// What a new cluster's `postgresql.conf` ends with.
pub(super) const INCLUDE: &str = "
# Portico writes this file anew at every start; settings below this line win.
include_if_exists 'portico.conf'
";

/// The contents of `portico.conf`, as of this start.
pub(super) fn text(socket: &Path, tuning: Tuning) -> String {
    let mut text = format!(
        "# Written by Portico at every start. Your own settings: at the end of postgresql.conf.\n\
         listen_addresses = ''\n\
         port = 5432\n\
         unix_socket_directories = {}\n\
         unix_socket_permissions = 0700\n\
         cluster_name = 'portico'\n\
         shared_buffers = 128MB\n\
         timezone = 'UTC'\n\
         log_timezone = 'UTC'\n\
         log_checkpoints = off\n\
         jit = off\n",
        quote_folder(socket)
    );
    text.push_str(match tuning {
        Tuning::Durable => "max_connections = 100\n",
        Tuning::Scratch => {
            "max_connections = 300\n\
             fsync = off\n\
             synchronous_commit = off\n\
             full_page_writes = off\n\
             autovacuum = off\n"
        }
    });
    text
}

/// The setting is a list: quoted once as an element of it, and once as a value.
fn quote_folder(folder: &Path) -> String {
    let element = folder.to_string_lossy().replace('"', "\"\"");
    let value = element.replace('\\', "\\\\").replace('\'', "''");
    format!("'\"{value}\"'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_folder_is_quoted_as_list_element_and_as_value() {
        assert_eq!(quote_folder(Path::new("/srv/a b")), r#"'"/srv/a b"'"#);
        assert_eq!(quote_folder(Path::new("/it's,\"x\"")), r#"'"/it''s,""x"""'"#);
    }

    #[test]
    fn only_the_scratch_server_may_forget() {
        let socket = Path::new("/s");
        assert!(!text(socket, Tuning::Durable).contains("fsync"));
        assert!(text(socket, Tuning::Scratch).contains("fsync = off"));
    }
}
