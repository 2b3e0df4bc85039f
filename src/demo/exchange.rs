//! Connections of the demo's partners.

use secrecy::SecretString;

use super::story::{Known, grant, person, read};
use super::{Stage, told};
use crate::access::{CreateConnection, TestConnection};
use crate::connections::forms::Typed;
use crate::connections::model::{Auth, Direction, Facts, Kind, Outcome};
use crate::connections::{edit, store, testing};
use crate::db::ids::ConnectionId;
use crate::values::Name;

/// Who makes it when for whom, what it is called, and how its test ended.
struct Line {
    days_ago: i64,
    by: &'static str,
    partner: &'static str,
    name: &'static str,
    direction: Direction,
    place: Place,
    tested: Option<Result<&'static str, &'static str>>,
}

enum Place {
    Sftp(&'static str, &'static str),
    Ftps(&'static str, &'static str),
    Https(&'static str, &'static str),
    S3(&'static str, &'static str, &'static str),
}

const ANA: &str = "ana.ferreira@solstice.example";
const MISAKI: &str = "misaki.tanaka@shinonome.example";
const SIOBHAN: &str = "siobhan.nibhriain@kestrel.example";

const SIGNED_IN: Result<&str, &str> = Ok("The server answers under TLS, and takes the user name and password.");
const LISTED: Result<&str, &str> = Ok("The bucket answers, and the access key may list it.");
const SSH: Result<&str, &str> = Ok("An SSH server answers. Portico did not sign in.");
const NOBODY: Result<&str, &str> = Err("Nobody answers at this host and port.");

const fn line(
    (days_ago, by, partner): (i64, &'static str, &'static str),
    name: &'static str,
    direction: Direction,
    place: Place,
    tested: Option<Result<&'static str, &'static str>>,
) -> Line {
    Line { days_ago, by, partner, name, direction, place, tested }
}

use Direction::{Both, In, Out};
use Place::{Ftps, Https, S3, Sftp};

const LINES: &[Line] = &[
    line((320, ANA, "SOLSTICE"), "Ledger exchange", Both, Sftp("exchange.solstice.example", "/ledger"), Some(SSH)),
    line(
        (310, ANA, "SOLSTICE"),
        "Member archive",
        Out,
        S3("s3.solstice.example", "member-archive", "daily/"),
        Some(LISTED),
    ),
    line((300, SIOBHAN, "KESTREL"), "Rental files", In, Sftp("files.kestrel.example", "/outbound/miles"), Some(SSH)),
    line(
        (298, SIOBHAN, "KESTREL"),
        "Booking events",
        Both,
        Https("api.kestrel.example", "/v2/loyalty"),
        Some(Ok("It answers (204); the credentials were sent and not refused.")),
    ),
    line((290, MISAKI, "SHINONOME"), "宿泊実績 (Stays)", In, Sftp("sftp.shinonome.example", "/stays"), Some(SSH)),
    line((289, MISAKI, "SHINONOME"), "Points back", Out, Ftps("ftp.shinonome.example", "/points"), Some(SIGNED_IN)),
    line(
        (120, MISAKI, "SHINONOME"),
        "Photo bucket",
        Out,
        S3("s3.shinonome.example", "shinonome-media", "loyalty/"),
        None,
    ),
    line(
        (280, "chloe.dubois@lemanique.example", "LEMAN"),
        "Card settlement",
        Both,
        Sftp("transfer.lemanique.example", "/solstice"),
        Some(SSH),
    ),
    line(
        (200, "oluwaseun.adeyemi@harvest.example", "HARVEST"),
        "Till receipts",
        In,
        S3("storage.harvest.example", "harvest-receipts", "till/"),
        Some(LISTED),
    ),
    line((150, ANA, "ATHENA"), "Book orders", In, Ftps("ftp.athena-books.example", "/orders"), Some(NOBODY)),
    line(
        (130, "lucie.moreau@meridian-air.example", "MERIDIAN"),
        "Flown segments",
        In,
        Sftp("edi.meridian-air.example", "/flown"),
        Some(SSH),
    ),
    line(
        (60, "maximiliane.thurn@oeusf.example", "OEUSF"),
        "Fahrgäste",
        Both,
        Https("schnittstelle.oeusf.example", "/v1/fahrten"),
        Some(Err("It refuses the credentials (401).")),
    ),
];

/// Makes them all, by the people who would.
pub fn connections(stage: &Stage, known: &Known) -> anyhow::Result<()> {
    for (order, line) in (0i64..).zip(LINES) {
        let by = person(known, line.by);
        stage.at(line.days_ago, 100 + order);
        let made = grant::<CreateConnection>(stage, by)?;
        let id = stage
            .db
            .write_now(&made, |tx| {
                let typed =
                    Typed { facts: facts(line)?, secret: Some(SecretString::from("of the demo; opens nothing")) };
                edit::made(tx, &stage.sealer, line.partner, typed)
            })
            .map_err(told)?
            .0;
        if let Some(result) = line.tested {
            stage.at(line.days_ago - 1, 130 + order);
            tested(stage, &grant(stage, by)?, id, result)?;
        }
    }
    Ok(())
}

fn tested(
    stage: &Stage,
    grant: &crate::access::Grant<TestConnection>,
    id: ConnectionId,
    result: Result<&str, &str>,
) -> anyhow::Result<()> {
    let outcome = match result {
        Ok(words) => Outcome::reached(words),
        Err(words) => Outcome::failed(words),
    };
    let work = |tx: &mut crate::db::WriteTx<'_, TestConnection>| {
        let connection = store::find(tx, &id.to_string())?;
        testing::tested(tx, &connection, outcome)
    };
    stage.db.write_now(grant, work).map_err(told)
}

fn facts(line: &Line) -> Result<Facts, crate::web::error::AppError> {
    let (kind, host, path, bucket, prefix, auth) = match line.place {
        Sftp(host, path) => (Kind::Sftp, host, path, "", "", Auth::Password),
        Ftps(host, path) => (Kind::Ftps, host, path, "", "", Auth::Password),
        Https(host, path) => (Kind::Https, host, path, "", "", Auth::Bearer),
        S3(host, bucket, prefix) => (Kind::S3, host, "", bucket, prefix, Auth::AccessKey),
    };
    Ok(Facts {
        name: read(Name::parse(line.name))?,
        kind,
        direction: line.direction,
        host: host.into(),
        port: kind.usual_port(),
        path: path.into(),
        region: if kind == Kind::S3 { "eu-west-1" } else { "" }.into(),
        bucket: bucket.into(),
        prefix: prefix.into(),
        auth,
        username: match auth {
            Auth::Bearer => "",
            Auth::AccessKey => "PORTICODEMOKEY",
            _ => "portico",
        }
        .into(),
        host_key: String::new(),
    })
}
