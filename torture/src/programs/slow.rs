//! Connections that send their head, or their body, drop by drop (B10, T66).

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::bed::{Bed, HOST};
use crate::crowd::Crowd;
use crate::http::{Client, connect};
use crate::report::{Report, longest, percentile};

const DB: &str = "slow";

struct Drip {
    stream: TcpStream,
    is_body: bool,
    began: Instant,
    closed: Option<Duration>,
}

impl Drip {
    fn open(address: &str, is_body: bool) -> std::io::Result<Drip> {
        let mut stream = connect(address)?;
        let began = Instant::now();
        let start = if is_body {
            "POST /sign-in HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n"
        } else {
            "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "
        };
        stream.write_all(start.as_bytes())?;
        stream.set_nonblocking(true)?;
        Ok(Drip { stream, is_body, began, closed: None })
    }

    /// One drop more, and a look whether it was closed.
    fn drop_in(&mut self) {
        if self.closed.is_some() {
            return;
        }
        let mut bytes = [0; 4096];
        let is_closed = loop {
            match self.stream.read(&mut bytes) {
                Ok(0) => break true,
                Ok(_) => {}
                Err(cause) if cause.kind() == ErrorKind::WouldBlock => break false,
                Err(_) => break true,
            }
        };
        if is_closed || self.stream.write(b"a").is_err_and(|cause| cause.kind() != ErrorKind::WouldBlock) {
            self.closed = Some(self.began.elapsed());
        }
    }
}

pub fn run(bed: &Bed, report: &mut Report) -> Result<(), String> {
    bed.database(DB)?;
    let portal = bed.start(DB, &mut bed.command(DB, &bed.url(DB)))?;
    let host = Client::sign_in(&portal.address, HOST)?;
    let (each, waves) = if report.is_long { (300, 3) } else { (60, 1) };
    let (crowd, mut drips, files) = (Crowd::default(), Vec::new(), portal.files());
    thread::scope(|scope| -> Result<(), String> {
        let (crowd, host) = (&crowd, &host);
        let pages = [("page", "/partners"), ("page", "/"), ("page", "/activity"), ("page", "/users")];
        scope.spawn(move || crowd.browse(host, &pages, Duration::from_millis(50)));
        for _ in 0..waves {
            let began = Instant::now();
            let opened: std::io::Result<Vec<Drip>> =
                (0..each * 2).map(|number| Drip::open(&portal.address, number % 2 == 0)).collect();
            let mut wave = opened.map_err(|cause| cause.to_string())?;
            while began.elapsed() < Duration::from_secs(20) && wave.iter().any(|drip| drip.closed.is_none()) {
                let turn = Instant::now();
                wave.iter_mut().for_each(Drip::drop_in);
                thread::sleep(Duration::from_millis(500).saturating_sub(turn.elapsed()));
            }
            drips.extend(wave);
        }
        crowd.end();
        Ok(())
    })?;
    let seen = crowd.take();
    let times: Vec<Duration> = seen.iter().map(|one| one.took).collect();
    let p99 = Duration::from_secs_f64(percentile(&times, 0.99) / 1000.0);
    report.told("slow connections", drips.len() as f64, "");
    report.told("pages meanwhile", times.len() as f64, "");
    report.told("p50 of a page", percentile(&times, 0.5), "ms");
    report.within("p99 of a page", p99, 0.5, 5.0);
    let wrong: Vec<String> = seen.iter().filter(|one| one.status != 200).map(|one| one.told()).collect();
    report.none("pages but 200", &wrong);
    for (name, is_body) in [("heads", false), ("bodies", true)] {
        let those: Vec<&Drip> = drips.iter().filter(|drip| drip.is_body == is_body).collect();
        report.equal(
            &format!("slow {name} still open"),
            those.iter().filter(|drip| drip.closed.is_none()).count() as i64,
            0,
        );
        report.within(
            &format!("slow {name}: the last was closed after"),
            longest(those.iter().filter_map(|drip| drip.closed.as_ref())),
            15.0,
            19.0,
        );
    }
    drop(drips);
    thread::sleep(Duration::from_secs(1));
    report.at_most("files open more than before", portal.files() as f64 - files as f64, 12.0, "");
    report.none("defects in the log", &portal.defects());
    Ok(())
}
