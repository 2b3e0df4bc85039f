//! Requests that are made to cost much (B11, T67).

use std::io::{BufReader, Write};
use std::thread;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use crate::bed::{Bed, PARTNER};
use crate::crowd::Seen;
use crate::http::{Asked, Broken, Client, answer, connect};
use crate::portal::Portal;
use crate::report::{Report, longest};

const DB: &str = "bombs";
const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
const JSON: &str = "Content-Type: application/json\r\n";
const BOUNDARY: &str = "torture";

/// A PNG whose head says so many pixels, all of them black.
fn png(width: u32, height: u32, depth_and_colour: [u8; 2], row: usize) -> Result<Vec<u8>, String> {
    let mut data = ZlibEncoder::new(Vec::new(), Compression::fast());
    let line = vec![0; row + 1];
    for _ in 0..height {
        data.write_all(&line).map_err(|cause| cause.to_string())?;
    }
    let data = data.finish().map_err(|cause| cause.to_string())?;
    let mut head = [width.to_be_bytes(), height.to_be_bytes()].concat();
    head.extend(depth_and_colour);
    head.extend([0, 0, 0]);
    let mut image = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, bytes) in [(b"IHDR", head), (b"IDAT", data), (b"IEND", Vec::new())] {
        image.extend((bytes.len() as u32).to_be_bytes());
        let mut sum = flate2::Crc::new();
        sum.update(kind);
        sum.update(&bytes);
        image.extend(kind);
        image.extend(bytes);
        image.extend(sum.sum().to_be_bytes());
    }
    Ok(image)
}

fn multipart(fields: &[(&str, &[u8])], file: Option<&[u8]>) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n").bytes());
        body.extend(*value);
        body.extend(b"\r\n");
    }
    if let Some(file) = file {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"logo\"; filename=\"logo.png\"\r\nContent-Type: image/png\r\n\r\n"
        );
        body.extend(head.bytes());
        body.extend(file);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    (format!("Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"), body)
}

/// Writes on and on, while another thread waits for the answer.
fn pour(client: &Client, head: &str, chunk: &[u8], total: u64) -> Asked {
    let began = Instant::now();
    let refused = |cause| Broken { begun: false, cause };
    let (mut stream, reader) = match connect(&client.address).and_then(|stream| Ok((stream.try_clone()?, stream))) {
        Ok(both) => both,
        Err(cause) => return Err(refused(cause)),
    };
    stream.set_write_timeout(Some(Duration::from_secs(5))).ok();
    reader.set_read_timeout(Some(client.patience)).ok();
    thread::scope(|scope| {
        let reading = scope.spawn(move || answer(&mut BufReader::new(reader), began));
        let mut sent = 0;
        if stream.write_all(head.as_bytes()).is_ok() {
            while sent < total && began.elapsed() < Duration::from_secs(20) && stream.write_all(chunk).is_ok() {
                sent += chunk.len() as u64;
            }
        }
        reading.join().unwrap_or_else(|_| Err(refused(std::io::ErrorKind::Other.into())))
    })
}

struct Bombs<'a> {
    partner: &'a Client,
    token: Client,
    version: String,
}

impl Bombs<'_> {
    fn form(&self, method: &str, path: &str, head: &str, body: &[u8]) -> Asked {
        self.partner.send(method, path, head, body)
    }

    fn logo(&self, image: &[u8]) -> Asked {
        let (head, body) = multipart(&[("version", self.version.as_bytes())], Some(image));
        self.form("POST", "/partners/SHINONOME/edit", &head, &body)
    }

    /// Each with what it has to be answered with, besides being closed without an answer.
    fn all(&self) -> Result<Vec<(&'static str, Asked)>, String> {
        let gigabyte = 1 << 30;
        let address = &self.partner.address;
        let post = |path: &str, person: &Client, head: &str| {
            let start = format!("POST {path} HTTP/1.1\r\nHost: {address}\r\nSec-Fetch-Site: same-origin\r\n");
            format!("{start}{}{head}\r\n", person.head)
        };
        let said = format!("Content-Length: {gigabyte}\r\n");
        let edit = "/partners/SHINONOME/edit";
        let megabyte = vec![b'a'; 1 << 20];
        let chunk = [format!("{:x}\r\n", megabyte.len()).as_bytes(), &megabyte, b"\r\n"].concat();
        let parts = format!("Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n{said}");
        let opening =
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"logo\"; filename=\"a.png\"\r\n\r\n");
        let by_form = post(edit, self.partner, &format!("{FORM}{said}"));
        let by_chunks = post("/me/theme", self.partner, &format!("{FORM}Transfer-Encoding: chunked\r\n"));
        let by_file = format!("{}{opening}", post(edit, self.partner, &parts));
        let by_json = post("/api/v1/tenants", &self.token, &format!("{JSON}{said}"));
        let long = "a".repeat(1 << 20);
        let headers: String = (0..2000).map(|number| format!("X-{number}: {number}\r\n")).collect();
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        let deep_member = format!("{{\"name\":{deep}}}");
        let zipped = |kind: &str| format!("{kind}Content-Encoding: gzip\r\n");
        let (zipped_form, zipped_json) = (zipped(FORM), zipped(JSON));
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        for _ in 0..256 {
            gzip.write_all(&megabyte).map_err(|cause| cause.to_string())?;
        }
        let gzip = gzip.finish().map_err(|cause| cause.to_string())?;
        let five = vec![b'a'; 5 << 20];
        let (five_head, five_body) = multipart(&[("version", b"1"), ("name", &five)], None);
        let many: Vec<String> = (0..100_000).map(|number| format!("f{number}=x")).collect();
        let raw = |text: String| self.partner.raw(text.as_bytes());
        let line = format!("POST /me/theme HTTP/1.1\r\nHost: {address}\r\nSec-Fetch-Site: same-origin\r\n{FORM}");
        Ok(vec![
            ("pixel flood of 30,000 x 30,000", self.logo(&png(30_000, 30_000, [1, 0], 3750)?)),
            ("pixel flood of 12,000 x 12,000 in colour", self.logo(&png(12_000, 12_000, [8, 2], 36_000)?)),
            ("1 GB said, as a form", pour(self.partner, &by_form, &megabyte, gigabyte)),
            ("1 GB in chunks, as a form", pour(self.partner, &by_chunks, &chunk, gigabyte)),
            ("1 GB as a file", pour(self.partner, &by_file, &megabyte, gigabyte)),
            ("1 GB as JSON", pour(&self.token, &by_json, &megabyte, gigabyte)),
            ("JSON 100,000 deep", self.token.send("POST", "/api/v1/tenants", JSON, deep.as_bytes())),
            (
                "JSON with a member 100,000 deep",
                self.token.send("POST", "/api/v1/tenants", JSON, deep_member.as_bytes()),
            ),
            ("5 MB in a field", self.form("POST", "/me/theme", FORM, &[b"theme=".as_slice(), &five].concat())),
            ("5 MB in a field of many parts", self.form("POST", "/partners/SHINONOME/edit", &five_head, &five_body)),
            ("100,000 fields", self.form("POST", "/me/theme", FORM, many.join("&").as_bytes())),
            ("2,000 headers", self.form("GET", "/", &headers, &[])),
            ("header of 1 MB", self.form("GET", "/", &format!("X-Long: {long}\r\n"), &[])),
            ("cookie of 1 MB", Client { head: format!("Cookie: portico={long}\r\n"), ..self.partner.clone() }.get("/")),
            ("query of 1 MB", self.form("GET", &format!("/partners?q={long}"), "", &[])),
            ("gzip bomb of 256 MB as a form", self.form("POST", "/me/theme", &zipped_form, &gzip)),
            ("gzip bomb of 256 MB as JSON", self.token.send("POST", "/api/v1/tenants", &zipped_json, &gzip)),
            (
                "length and chunks",
                raw(format!(
                    "{line}Content-Length: 10\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /sign-out HTTP/1.1\r\n\r\n"
                )),
            ),
            ("two lengths", raw(format!("{line}Content-Length: 10\r\nContent-Length: 4\r\n\r\ntheme=dark"))),
            (
                "lines that end with LF only",
                raw(format!("{line}Content-Length: 10\r\n\r\ntheme=dark").replace("\r\n", "\n")),
            ),
        ])
    }
}

/// A token with which the API takes bodies.
fn token(partner: &Client, bed: &Bed) -> Result<Client, String> {
    let until = bed.query(DB, "SELECT (now() + interval '30 days')::date")?;
    let form = [("name", "Torture"), ("until", &until), ("scope", "tenants:write"), ("scope", "tenants:read")];
    let made = partner.post("/partners/SHINONOME/tokens", &form).map_err(|broken| broken.cause.to_string())?;
    let text = made.text();
    let at = text.find("portico_").ok_or(format!("no token: {}", made.status))?;
    let token: String = text
        .get(at..)
        .unwrap_or_default()
        .chars()
        .take_while(|one| one.is_ascii_alphanumeric() || "_-".contains(*one))
        .collect();
    Ok(Client { head: format!("Authorization: Bearer {token}\r\n"), ..Client::new(&partner.address) })
}

pub fn run(bed: &Bed, report: &mut Report) -> Result<(), String> {
    bed.database(DB)?;
    let portal = bed.start(DB, &mut bed.command(DB, &bed.url(DB)))?;
    let partner = Client::sign_in(&portal.address, PARTNER)?;
    let version = bed.query(DB, "SELECT version FROM partners WHERE code = 'SHINONOME'")?;
    let bombs = Bombs { partner: &partner, token: token(&partner, bed)?, version };
    for path in ["/", "/partners/SHINONOME/edit", "/static/app.css"] {
        partner.get(path).ok();
    }
    let before = bed.query(DB, "SELECT (SELECT count(*) FROM activity) || ' ' || (SELECT count(*) FROM tenants)")?;
    portal.forget_peak();
    let rest = portal.memory();
    judge(report, &portal, &bombs, rest)?;
    // The dearest one, by eight people at once.
    portal.forget_peak();
    let rest = portal.memory();
    let flood = png(30_000, 30_000, [1, 0], 3750)?;
    let times: Vec<Duration> = thread::scope(|scope| {
        let all: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let began = Instant::now();
                    bombs.logo(&flood).ok();
                    began.elapsed()
                })
            })
            .collect();
        all.into_iter().filter_map(|one| one.join().ok()).collect()
    });
    report.within("eight pixel floods at once: slowest answer", longest(&times), 4.0, 12.0);
    report.at_most("memory at the most during them, above rest", portal.peak() - rest, 150.0, "MB");
    let after = bed.query(DB, "SELECT (SELECT count(*) FROM activity) || ' ' || (SELECT count(*) FROM tenants)")?;
    report.equal("nothing was changed (1 is yes)", i64::from(before == after), 1);
    let well = partner.get("/").is_ok_and(|answer| answer.status == 200);
    report.equal("pages are answered afterwards (1 is yes)", i64::from(well), 1);
    report.none("defects in the log", &portal.defects());
    Ok(())
}

fn judge(report: &mut Report, portal: &Portal, bombs: &Bombs<'_>, rest: f64) -> Result<(), String> {
    let all = bombs.all()?;
    let mut wrong = Vec::new();
    let mut took = Vec::new();
    for (name, asked) in &all {
        let seen = Seen::of(name, Instant::now(), asked);
        match asked {
            Ok(answer) => {
                took.push(answer.took);
                println!("  bombs: {name}: {} after {:.0} ms", answer.status, answer.took.as_secs_f64() * 1000.0);
                // Lines may end with LF only (RFC 9112, 2.2); it is nobody’s form then, and leads to the sign-in.
                let is_sent_away =
                    name.contains("LF") && answer.header("location").is_some_and(|to| to.starts_with("/sign-in"));
                if !(400..500).contains(&answer.status) && !is_sent_away {
                    wrong.push(format!("{name}: {}", answer.status));
                }
                if answer.took > Duration::from_secs(if report.is_long { 2 } else { 8 }) {
                    wrong.push(format!("{name}: only after {:.1} s", answer.took.as_secs_f64()));
                }
            }
            Err(_) if seen.is_refused => println!("  bombs: {name}: closed without an answer"),
            Err(broken) => wrong.push(format!("{name}: {} (begun: {})", broken.cause, broken.begun)),
        }
    }
    report.told("bombs", all.len() as f64, "");
    report.none("bombs not answered with 4xx, or not soon", &wrong);
    report.within("slowest answer", longest(&took), 2.0, 8.0);
    report.told("memory at rest", rest, "MB");
    report.at_most("memory at the most, above rest", portal.peak() - rest, 150.0, "MB");
    Ok(())
}
