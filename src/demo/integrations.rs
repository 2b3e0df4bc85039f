//! Integrations of the demo's partners, as drafts: what becomes of them is told elsewhere.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use secrecy::SecretString;

use super::story::{Known, grant, person, read};
use super::{Stage, told};
use crate::access::{CreateIntegration, UpdateIntegration};
use crate::connections::store as connections;
use crate::db::ReadTx;
use crate::db::ids::{IntegrationId, UserId};
use crate::file_templates::store as templates;
use crate::integrations::content::{IntegrationKind, Link, PageName};
use crate::integrations::pages::media::{Media, Slot};
use crate::integrations::pages::typed::{Configure, General, Legal, Listing, Typed};
use crate::integrations::pages::{create, edit};
use crate::integrations::{credentials, images, store};
use crate::values::{Choice, Name};
use crate::web::error::AppError;
use crate::web::listing::Keyset;

/// An integration: who made it when for whom, and what stands on its pages.
struct Line {
    days_ago: i64,
    by: &'static str,
    partner: &'static str,
    name: &'static str,
    support: &'static str,
    summary: &'static str,
    description: &'static str,
    categories: &'static [&'static str],
    terms: &'static str,
    runs: Runs,
    /// Colour of its pictures; none when it has no pictures yet.
    colour: Option<[u8; 3]>,
    /// Whether it waits only for somebody to submit it.
    is_whole: bool,
}

enum Runs {
    /// Template, source and target by their names; what is not named is left open.
    Here(&'static str, &'static str, &'static str),
    /// At an address.
    At(&'static str),
}

const MISAKI: &str = "misaki.tanaka@shinonome.example";
const SIOBHAN: &str = "siobhan.nibhriain@kestrel.example";

const LINES: &[Line] = &[
    Line {
        days_ago: 24,
        by: MISAKI,
        partner: "SHINONOME",
        name: "Shinonome Stay Sync",
        support: "miles@shinonome.example",
        summary: "Earn two Solstice miles for each night booked directly at 41 Shinonome hotels and ryokan across Japan, credited within five days of check-out.",
        description: "## What earns\n\nTwo miles for **each night** that a member books directly, at any of our 41 hotels and ryokan.\n\n- Credited within *five days* of check-out\n- No registration: the member number on the booking is enough\n- Children’s beds do not count\n\n宿泊実績は毎晩送信されます。",
        categories: &["Accommodation", "Earn", "Japan"],
        terms: "Bookings through travel agents, group contracts and staff rates do not earn. Points for stays ended before 1 October 2026 cannot be claimed later. 宿泊税は対象外です。",
        runs: Runs::Here("Stays, nightly", "宿泊実績 (Stays)", "Points back"),
        colour: Some([182, 96, 110]),
        is_whole: true,
    },
    Line {
        days_ago: 6,
        by: MISAKI,
        partner: "SHINONOME",
        name: "Ryokan vouchers",
        support: "miles@shinonome.example",
        summary: "Turn miles into vouchers for a night in a ryokan.",
        description: "A voucher is one night for two, with dinner and breakfast.",
        categories: &["Redeem", "Japan"],
        terms: "",
        runs: Runs::Here("Vouchers redeemed", "", ""),
        colour: None,
        is_whole: false,
    },
    Line {
        days_ago: 31,
        by: SIOBHAN,
        partner: "KESTREL",
        name: "Kestrel Rental Credits",
        support: "operations@kestrel.example",
        summary: "Five miles for each day of a rental, at 112 stations in Ireland and Britain.",
        description: "Members earn **five miles a day**, for up to 28 days of one rental.\n\n1. Give the member number at the counter or in the app\n2. Return the car\n3. The miles arrive the next morning\n\n| Group | Miles a day |\n|---|---|\n| Mini, Economy | 5 |\n| Luxury | 8 |",
        categories: &["Travel", "Earn"],
        terms: "Rentals that an insurer pays for do not earn.",
        runs: Runs::Here("Rentals", "Rental files", "Booking events"),
        colour: Some([52, 110, 150]),
        is_whole: true,
    },
    Line {
        days_ago: 12,
        by: SIOBHAN,
        partner: "KESTREL",
        name: "Kestrel Weekend Deals",
        support: "operations@kestrel.example",
        summary: "Weekend prices for members, on our own pages.",
        description: "Every Tuesday we publish weekend prices that only members see.\n\nThe listing leads to our own pages; nothing is exchanged.",
        categories: &["Travel"],
        terms: "",
        runs: Runs::At("https://www.kestrel.example/members/weekend"),
        colour: Some([214, 150, 60]),
        is_whole: true,
    },
    Line {
        days_ago: 160,
        by: MISAKI,
        partner: "SHINONOME",
        name: "Onsen day passes",
        support: "onsen@shinonome.example",
        summary: "Day passes to nine hot springs, for Solstice miles.",
        description: "Members choose a day and a spring, and get the pass by e-mail.\n\n- Valid on the chosen day only\n- Towels are included",
        categories: &["Travel", "Burn"],
        terms: "A pass cannot be returned after the day before its own.",
        runs: Runs::At("https://onsen.shinonome.example/solstice"),
        colour: Some([96, 140, 150]),
        is_whole: true,
    },
    Line {
        days_ago: 205,
        by: "chloe.dubois@lemanique.example",
        partner: "LEMAN",
        name: "Lémanique Card Earn",
        support: "fidelite@lemanique.example",
        summary: "One mile for each two francs paid with a Lémanique card.",
        description: "Card payments earn **one mile for two francs**, worldwide.\n\nCash, fees and transfers do not.",
        categories: &["Everyday", "Earn"],
        terms: "Miles of a returned purchase are taken back.",
        runs: Runs::Here("", "Card settlement", "Card settlement"),
        colour: Some([120, 60, 140]),
        is_whole: true,
    },
    Line {
        days_ago: 190,
        by: "oluwaseun.adeyemi@harvest.example",
        partner: "HARVEST",
        name: "Till Receipts",
        support: "loyalty@harvest.example",
        summary: "Groceries earn: one mile for each euro, from the receipt.",
        description: "Every receipt with a member number earns **one mile for each euro**.",
        categories: &["Everyday", "Earn", "Family"],
        terms: "Tobacco, medicines and gift cards do not earn.",
        runs: Runs::Here("", "Till receipts", ""),
        colour: Some([70, 130, 70]),
        is_whole: true,
    },
    Line {
        days_ago: 128,
        by: "lucie.moreau@meridian-air.example",
        partner: "MERIDIAN",
        name: "Flown Segments",
        support: "miles@meridian-air.example",
        summary: "Miles for every segment flown with Meridian Air, by distance and class.",
        description: "Segments are sent the morning after the flight.\n\n> Award tickets do not earn.",
        categories: &["Travel", "Earn"],
        terms: "",
        runs: Runs::Here("", "Flown segments", ""),
        colour: Some([40, 70, 120]),
        is_whole: false,
    },
];

/// Makes them all, by the people who would.
pub fn tell(stage: &Stage, known: &Known) -> anyhow::Result<()> {
    for (order, line) in (0i64..).zip(LINES) {
        let by = person(known, line.by);
        stage.at(line.days_ago, 90 + order * 7);
        let made = grant::<CreateIntegration>(stage, by)?;
        let kind = match line.runs {
            Runs::Here(..) => IntegrationKind::Internal,
            Runs::At(_) => IntegrationKind::External,
        };
        let (id, _) = stage
            .db
            .write_now(&made, |tx| create::created(tx, line.partner, &read(Name::parse(line.name))?, kind))
            .map_err(told)?;
        for page in PageName::ALL {
            stage.at(line.days_ago, 95 + order * 7 + *page as i64);
            written(stage, by, id, line, *page)?;
        }
        if line.is_whole {
            stage.at(line.days_ago, 101 + order * 7);
            let update = grant::<UpdateIntegration>(stage, by)?;
            let secret = SecretString::from("https://test.example, user reviewer, password of the demo; opens nothing");
            let put = |tx: &mut crate::db::WriteTx<'_, UpdateIntegration>| {
                let seen = store::find(tx, &id.to_string())?.version;
                credentials::stored(tx, &stage.sealer, &id.to_string(), seen, Some(secret))
            };
            stage.db.write_now(&update, put).map_err(told)?;
        }
    }
    Ok(())
}

/// Saves one page, if there is anything for it.
fn written(stage: &Stage, by: UserId, id: IntegrationId, line: &Line, page: PageName) -> anyhow::Result<()> {
    let grant = grant::<UpdateIntegration>(stage, by)?;
    stage
        .db
        .write_now(&grant, |tx| {
            let integration = store::find(tx, &id.to_string())?;
            let typed = match page {
                PageName::General => general(line),
                PageName::Listing => listing(tx, line)?,
                PageName::Configure => configure(tx, &integration, line)?,
                PageName::Media => media(line)?,
                PageName::Legal => legal(line),
            };
            edit::saved(tx, &id.to_string(), integration.version, page, typed)
        })
        .map(drop)
        .map_err(told)
}

/// The partner's own site.
fn site(line: &Line) -> String {
    format!("https://www.{}", line.support.rsplit('@').next().unwrap_or_default())
}

fn general(line: &Line) -> Typed {
    let (kind, link) = match line.runs {
        Runs::Here(..) => (IntegrationKind::Internal, String::new()),
        Runs::At(link) => (IntegrationKind::External, link.to_owned()),
    };
    Typed::General(Box::new(General {
        name: line.name.into(),
        kind,
        link,
        support_email: line.support.into(),
        support_link: format!("{}/help", site(line)),
        documentation: if line.is_whole { format!("{}/developers", site(line)) } else { String::new() },
    }))
}

fn listing(tx: &mut ReadTx<'_>, line: &Line) -> Result<Typed, AppError> {
    let known = store::settings(tx)?.categories();
    let links = vec![Link { label: "How it works".into(), url: format!("{}/miles", site(line)) }];
    Ok(Typed::Listing(Box::new(Listing {
        summary: line.summary.into(),
        description: line.description.into(),
        categories: line.categories.iter().map(ToString::to_string).filter(|one| known.contains(one)).collect(),
        links: if line.is_whole { links } else { Vec::new() },
        member_terms: line.terms.into(),
    })))
}

fn configure(
    tx: &mut ReadTx<'_>,
    integration: &crate::integrations::model::Integration,
    line: &Line,
) -> Result<Typed, AppError> {
    let Runs::Here(template, source, target) = line.runs else {
        return Ok(Typed::Configure(Configure::default()));
    };
    let all = Keyset { size: 100, at: None, backward: false };
    let own = templates::Filter { partner: Some(integration.partner_id), ..Default::default() };
    let layouts = templates::list(tx, &own, templates::Sort::Name, &all)?;
    // Where none is named, what the host made for everybody.
    let layout = layouts.iter().find(|one| one.name == template).or(layouts.first().filter(|_| template.is_empty()));
    let own = connections::Filter { partner: Some(integration.partner_id), ..Default::default() };
    let places = connections::list(tx, &own, connections::Sort::Name, &all)?;
    let place = |name: &str| places.iter().find(|one| one.name.as_str() == name).map(|one| one.id);
    Ok(Typed::Configure(Configure { template: layout.map(|one| one.id), source: place(source), target: place(target) }))
}

fn media(line: &Line) -> Result<Typed, AppError> {
    let (mut icon, mut hero) = (Slot::Empty, Slot::Empty);
    if let Some(colour) = line.colour {
        icon = drawn(colour, (256, 256), "icon.png", &format!("The sign of {}", line.name))?;
        hero = drawn(colour, (1600, 900), "morning.png", &format!("A picture for {}", line.name))?;
    }
    Ok(Typed::Media(Box::new(Media { icon, hero, screenshots: Vec::new(), video: String::new() })))
}

/// Hills under a sky of a colour.
fn drawn(colour: [u8; 3], (width, height): (u32, u32), name: &str, alt: &str) -> Result<Slot, AppError> {
    let picture = RgbImage::from_fn(width, height, |x, y| {
        let (across, down) = (f64::from(x) / f64::from(width), f64::from(y) / f64::from(height));
        let hill = |rise: f64, at: f64| 0.62 + rise * (across * 6.3 + at).sin() * 0.12;
        let light = if down > hill(0.9, 2.1) {
            0.45
        } else if down > hill(0.7, 0.2) - 0.12 {
            0.7
        } else {
            1.0 + (1.0 - down) * 0.45
        };
        Rgb(colour.map(|part| (f64::from(part) * light).min(255.0) as u8))
    });
    let mut bytes = Cursor::new(Vec::new());
    let internal = |cause: image::ImageError| AppError::Internal(cause.into());
    DynamicImage::from(picture).write_to(&mut bytes, ImageFormat::Png).map_err(internal)?;
    let picture = images::encoded(name, &bytes.into_inner()).map_err(AppError::Refused)?;
    Ok(Slot::Put(Box::new(picture), alt.to_owned()))
}

fn legal(line: &Line) -> Typed {
    let link = |end: &str| if line.is_whole { format!("{}/{end}", site(line)) } else { String::new() };
    Typed::Legal(Legal {
        terms_link: link("terms"),
        privacy_link: link("privacy"),
        data_use: if line.is_whole {
            "Member numbers and dates are kept for *13 months*, to answer questions about missing miles.".into()
        } else {
            String::new()
        },
    })
}
