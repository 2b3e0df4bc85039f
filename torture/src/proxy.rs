//! Stands between the portal and its PostgreSQL, and does as it is told.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// What it does with every connection, those that are open too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Pass,
    /// What is asked arrives so many milliseconds later.
    Delay(u64),
    /// Nothing gets through, and nobody is told.
    Hang,
    /// All connections are closed, and new ones at once.
    Cut,
}

struct State {
    mode: AtomicU64,
    ended: AtomicBool,
    /// Where PostgreSQL listens.
    to: u16,
}

const HANG: u64 = u64::MAX;
const CUT: u64 = u64::MAX - 1;

impl State {
    fn mode(&self) -> Mode {
        match self.mode.load(Ordering::SeqCst) {
            0 => Mode::Pass,
            HANG => Mode::Hang,
            CUT => Mode::Cut,
            delay => Mode::Delay(delay),
        }
    }
}

pub struct Proxy {
    pub port: u16,
    state: Arc<State>,
}

impl Proxy {
    pub fn start(to: u16) -> Result<Proxy, String> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|cause| cause.to_string())?;
        let port = listener.local_addr().map_err(|cause| cause.to_string())?.port();
        let state = Arc::new(State { mode: AtomicU64::new(0), ended: AtomicBool::new(false), to });
        let shared = state.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if shared.ended.load(Ordering::Relaxed) {
                    return;
                }
                let shared = shared.clone();
                thread::spawn(move || between(client, &shared));
            }
        });
        Ok(Proxy { port, state })
    }

    pub fn set(&self, mode: Mode) {
        let code = match mode {
            Mode::Pass => 0,
            Mode::Delay(milliseconds) => milliseconds,
            Mode::Hang => HANG,
            Mode::Cut => CUT,
        };
        self.state.mode.store(code, Ordering::SeqCst);
        // Until every connection noticed.
        thread::sleep(Duration::from_millis(60));
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.state.ended.store(true, Ordering::Relaxed);
        self.state.mode.store(CUT, Ordering::SeqCst);
        TcpStream::connect(("127.0.0.1", self.port)).ok();
    }
}

fn between(client: TcpStream, state: &State) {
    while state.mode() == Mode::Hang {
        thread::sleep(Duration::from_millis(20));
    }
    if state.mode() == Mode::Cut {
        return;
    }
    let Ok(server) = TcpStream::connect(("127.0.0.1", state.to)) else { return };
    client.set_nodelay(true).ok();
    server.set_nodelay(true).ok();
    let (Ok(client_too), Ok(server_too)) = (client.try_clone(), server.try_clone()) else { return };
    thread::scope(|scope| {
        scope.spawn(move || copy(client_too, server_too, state, true));
        copy(server, client, state, false);
    });
}

fn copy(mut from: TcpStream, mut to: TcpStream, state: &State, is_asking: bool) {
    from.set_read_timeout(Some(Duration::from_millis(20))).ok();
    let mut bytes = vec![0; 32 * 1024];
    loop {
        match state.mode() {
            Mode::Cut => break,
            Mode::Hang => {
                thread::sleep(Duration::from_millis(10));
                continue;
            }
            Mode::Pass | Mode::Delay(_) => {}
        }
        let count = match from.read(&mut bytes) {
            Ok(0) => break,
            Ok(count) => count,
            Err(cause) if matches!(cause.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => continue,
            Err(_) => break,
        };
        if let (Mode::Delay(milliseconds), true) = (state.mode(), is_asking) {
            thread::sleep(Duration::from_millis(milliseconds));
        }
        // It began to hang while this was on its way.
        while state.mode() == Mode::Hang {
            thread::sleep(Duration::from_millis(10));
        }
        if state.mode() == Mode::Cut || bytes.get(..count).is_none_or(|sent| to.write_all(sent).is_err()) {
            break;
        }
    }
    from.shutdown(Shutdown::Both).ok();
    to.shutdown(Shutdown::Both).ok();
}
