//! Logos through HTTP (T42–T46): what is served is always our own PNG.

use std::io::Cursor;
use std::time::{Duration, Instant};

use image::{DynamicImage, ImageFormat};

use crate::support::client::{Chosen, Visitor};
use crate::support::*;

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn picture(width: u32, height: u32) -> DynamicImage {
    DynamicImage::new_rgb8(width, height)
}

fn upload(visitor: &Visitor, name: &str, bytes: &[u8]) -> Answer {
    let form = visitor.get("/partners/KESTREL/edit").form("form.form");
    visitor.post_multipart("/partners/KESTREL/edit", &form.pairs(), Some(Chosen { field: "logo", name, bytes }))
}

fn served(visitor: &Visitor) -> Answer {
    visitor.get("/partners/KESTREL/logo")
}

#[test]
fn t42_what_is_served_is_our_own_encoding_whatever_was_uploaded() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let mut polyglot = encoded(&picture(300, 200), ImageFormat::Png);
    polyglot.extend_from_slice(b"<html><script>alert(1)</script>PK\x03\x04 GPS-SECRET");
    let mut jpeg = encoded(&picture(40, 30), ImageFormat::Jpeg);
    // A comment, as a camera would leave one.
    jpeg.splice(2..2, b"\xff\xfe\x00\x12GPS-SECRET 12 34".iter().copied());
    for (name, bytes) in [
        ("logo.png", polyglot),
        ("logo.jpg", jpeg),
        ("logo.webp", encoded(&DynamicImage::new_rgba8(20, 20), ImageFormat::WebP)),
        ("picture.html", encoded(&picture(10, 10), ImageFormat::Png)),
        ("no-extension", encoded(&picture(11, 10), ImageFormat::Png)),
        ("double.png.exe", encoded(&picture(12, 10), ImageFormat::Png)),
    ] {
        let before = served(&pia);
        assert_eq!(upload(&pia, name, &bytes).status(), 303, "{name}");
        let answer = served(&pia);
        assert_eq!((answer.status(), answer.header("content-type")), (200, "image/png"), "{name}");
        assert_ne!(answer.bytes(), before.bytes(), "{name}");
        let text = answer.text();
        assert!(!text.contains("script") && !text.contains("GPS-SECRET"), "{name}");
        let read = image::load_from_memory_with_format(answer.bytes(), ImageFormat::Png).unwrap();
        assert!(read.width() <= 256 && read.height() <= 256, "{name}");
        assert!(answer.header("cache-control").starts_with("private"), "{name}");
        assert!(answer.header("content-security-policy").starts_with("sandbox"), "{name}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

#[test]
fn t43_documents_and_damaged_pictures_are_refused_at_the_field() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let png = encoded(&picture(30, 30), ImageFormat::Png);
    let svg =
        "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script><foreignObject/></svg>";
    let entities = "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><svg>&b;</svg>";
    for (name, bytes) in [
        ("logo.svg", svg.as_bytes().to_vec()),
        ("logo.png", svg.as_bytes().to_vec()),
        ("logo.png", entities.as_bytes().to_vec()),
        ("logo.png", b"GIF89a/*<script>alert(1)</script>*/=1".to_vec()),
        ("logo.gif", encoded(&DynamicImage::new_rgba8(3, 3), ImageFormat::Gif)),
        ("logo.pdf", b"%PDF-1.7 PK\x03\x04".to_vec()),
        ("logo.png", Vec::new()),
        ("logo.png", b"\x89PNG\r\n\x1a\nbroken".to_vec()),
        ("logo.png", png[..png.len() / 2].to_vec()),
        ("logo.jpg", b"\xff\xd8\xff\xe0".to_vec()),
        ("logo.webp", b"RIFF\xff\xff\xff\xffWEBPVP8 ".to_vec()),
    ] {
        let answer = app.assert_unchanged(|| upload(&pia, name, &bytes));
        assert_eq!(answer.status(), 422, "{name}: {}", bytes.len());
        assert!(answer.error_at("logo").contains("present logo is kept"), "{name}: {}", answer.error_at("logo"));
        assert_eq!(answer.form("form.form").value("support_email"), "support@kestrel.example");
    }
}

#[test]
fn t44_floods_of_pixels_and_bytes_are_refused_soon() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    // The head of a PNG of 30,000 × 30,000 pixels, in few bytes.
    let mut flood = encoded(&picture(1, 1), ImageFormat::Png);
    flood[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
    let crc = crc32(&flood[12..29]);
    flood[29..33].copy_from_slice(&crc.to_be_bytes());
    let wide = encoded(&picture(4097, 1), ImageFormat::Png);
    let heavy = [encoded(&picture(9, 9), ImageFormat::Png), vec![0; 1024 * 1024]].concat();
    for (bytes, says) in [(flood, "4096"), (wide, "4096"), (heavy, "1.0 MB"), (vec![0; 11 * 1024 * 1024], "11.0 MB")] {
        let began = Instant::now();
        let answer = app.assert_unchanged(|| upload(&pia, "logo.png", &bytes));
        assert_eq!(answer.status(), 422, "{}", bytes.len());
        assert!(answer.error_at("logo").contains(says), "{}", answer.error_at("logo"));
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    }
    // The largest that is allowed is taken.
    assert_eq!(upload(&pia, "logo.png", &encoded(&picture(4096, 64), ImageFormat::Png)).status(), 303);
}

/// The checksum of PNG chunks.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    })
}

#[test]
fn t45_two_files_or_a_file_in_the_wrong_field_are_refused_or_ignored() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let png = encoded(&picture(9, 9), ImageFormat::Png);
    let form = pia.get("/partners/KESTREL/edit").form("form.form");
    let part = |name: &str| reqwest::blocking::multipart::Part::bytes(png.clone()).file_name(name.to_owned());
    let mut two = reqwest::blocking::multipart::Form::new();
    for (name, value) in &form.0 {
        two = two.text(name.clone(), value.clone());
    }
    let two = two.part("logo", part("a.png")).part("logo", part("b.png"));
    assert_eq!(
        app.assert_unchanged(|| pia.send(pia.request("POST", "/partners/KESTREL/edit").multipart(two))).status(),
        400
    );
    // No file chosen is no file.
    let before = served(&pia);
    let none = reqwest::blocking::multipart::Part::bytes(Vec::new()).file_name("");
    let mut empty = reqwest::blocking::multipart::Form::new();
    for (name, value) in &form.0 {
        empty = empty.text(name.clone(), value.clone());
    }
    assert_eq!(
        pia.send(pia.request("POST", "/partners/KESTREL/edit").multipart(empty.part("logo", none))).status(),
        303
    );
    assert_eq!(served(&pia).bytes(), before.bytes());
}

#[test]
fn t46_after_removal_a_logo_is_gone_and_its_address_changes_with_it() {
    let app = TestApp::new();
    let (pia, hana) = (app.as_(PIA), app.as_(HANA));
    let address = |visitor: &Visitor| visitor.get("/partners/KESTREL/edit").attributes("img.tile", "src");
    let first = address(&pia);
    assert_eq!(first.len(), 1, "{first:?}");
    assert_eq!(upload(&pia, "logo.png", &encoded(&picture(60, 60), ImageFormat::Png)).status(), 303);
    assert_ne!(address(&pia), first, "browsers keep a picture for a day: a new one needs a new address");
    let version = app.database().value(&format!("SELECT version FROM partners WHERE id = '{}'", partner::KESTREL));
    assert!(pia.get("/partners/KESTREL/logo/removal").first("h1").contains("Remove the logo"));
    assert_eq!(pia.post("/partners/KESTREL/logo/removal", &[("version", &version)]).status(), 303);
    for visitor in [&pia, &hana] {
        assert_eq!(served(visitor).status(), 404);
        assert!(address(visitor).is_empty());
    }
    let none = format!("SELECT count(*) FROM partner_logos WHERE partner_id = '{}'", partner::KESTREL);
    assert_eq!(app.database().value(&none), "0");
    let kinds = app.database().values("SELECT kind FROM activity WHERE actor_id IS NOT NULL ORDER BY id");
    assert_eq!(kinds, ["PartnerLogoChanged", "PartnerLogoRemoved"]);
}

#[test]
fn t47_a_logo_and_the_rest_of_its_form_are_saved_together_or_not_at_all() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let form = hana.get("/partners/KESTREL/edit").form("form.form").with("name", "Kestrel & logo").with("version", "9");
    let png = encoded(&picture(9, 9), ImageFormat::Png);
    let file = || Some(Chosen { field: "logo", name: "logo.png", bytes: &png });
    assert_eq!(
        app.assert_unchanged(|| hana.post_multipart("/partners/KESTREL/edit", &form.pairs(), file())).status(),
        409
    );
    // A database that fails after the first write leaves nothing half done.
    app.database().run("ALTER TABLE partner_logos ADD CONSTRAINT none_today CHECK (false) NOT VALID");
    let form = form.with("version", "1");
    assert_eq!(
        app.assert_unchanged(|| hana.post_multipart("/partners/KESTREL/edit", &form.pairs(), file())).status(),
        500
    );
}

#[test]
fn t44_files_that_a_person_sends_are_counted_whatever_they_are_for() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    app.database().run(&format!("INSERT INTO attempts VALUES ('upload {}', '2026-11-20T09:42:00Z', 59)", PIA.id));
    let png = encoded(&picture(20, 20), ImageFormat::Png);
    assert_eq!(upload(&pia, "logo.png", &png).status(), 303);
    let before = served(&pia).bytes().to_vec();
    let refused = upload(&pia, "other.png", &encoded(&picture(30, 30), ImageFormat::Png));
    assert_eq!((refused.status(), refused.header("retry-after").is_empty()), (429, false));
    assert_eq!(served(&pia).bytes(), before);
}
