//! The page of pictures.

use super::typed::Typed;
use crate::access::{Permission, UpdateIntegration};
use crate::app::App;
use crate::db::WriteTx;
use crate::integrations::content::{Content, Field, ImageRef};
use crate::integrations::images::{self, Picture};
use crate::integrations::model::Integration;
use crate::integrations::store;
use crate::values::{Choice, https_link, line};
use crate::web::error::AppError;
use crate::web::form::{Check, Form};
use crate::web::upload::File;

/// Most screenshots.
pub const MOST: usize = 8;
/// Shortest side of an icon, in pixels.
pub const ICON_SIDE: u32 = 128;
/// Longest words for who cannot see a picture, in characters.
const ALT: usize = 250;

/// Names of the fields of a picture: the file, its words, and the tick that takes it away.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "named after what they hold")]
pub struct Names {
    pub file: &'static str,
    pub alt: &'static str,
    pub gone: &'static str,
}

const fn names(file: &'static str, alt: &'static str, gone: &'static str) -> Names {
    Names { file, alt, gone }
}

/// The icon's.
pub const ICON: Names = names("icon", "icon-alt", "icon-gone");
/// The hero image's.
pub const HERO: Names = names("hero", "hero-alt", "hero-gone");
/// Those of the screenshots that are there.
pub const SHOTS: [Names; MOST] = [
    names("shot0", "shot0-alt", "shot0-gone"),
    names("shot1", "shot1-alt", "shot1-gone"),
    names("shot2", "shot2-alt", "shot2-gone"),
    names("shot3", "shot3-alt", "shot3-gone"),
    names("shot4", "shot4-alt", "shot4-gone"),
    names("shot5", "shot5-alt", "shot5-gone"),
    names("shot6", "shot6-alt", "shot6-gone"),
    names("shot7", "shot7-alt", "shot7-gone"),
];
/// Those of new ones.
pub const NEW: [Names; 3] =
    [names("new0", "new0-alt", ""), names("new1", "new1-alt", ""), names("new2", "new2-alt", "")];

/// A file that was chosen, decoded; or what is wrong with it.
pub type Chosen = Result<Picture, String>;

/// What becomes of one picture.
#[derive(Clone, Debug)]
pub enum Slot {
    /// There is none, or there will be none.
    Empty,
    /// It stays, with these words.
    Keep(ImageRef),
    /// A new one, with its words.
    Put(Box<Picture>, String),
}

/// The page as it was typed.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "named as the content's fields")]
pub struct Media {
    pub icon: Slot,
    pub hero: Slot,
    pub screenshots: Vec<Slot>,
    pub video: String,
}

/// Decodes the files of the form.
///
/// # Errors
/// When the machine fails, or somebody uploads too much.
pub async fn decoded(
    app: &App,
    actor: &crate::access::Actor,
    files: Vec<(String, File)>,
) -> Result<Vec<(String, Chosen)>, AppError> {
    let mut chosen = Vec::new();
    for (name, file) in files {
        chosen.push((name, images::read(app, actor, file).await?));
    }
    Ok(chosen)
}

/// Reads the page.
///
/// # Errors
/// The form with its errors.
pub fn read(form: &Form, present: &Content, files: Vec<(String, Chosen)>) -> Result<Typed, Form> {
    let mut files = files;
    let mut check = form.check();
    let icon = slot(form, &mut check, (ICON, "Icon"), present.icon.as_ref(), &mut files);
    if let Some(Slot::Put(picture, _)) = &icon {
        refuse_icon(&mut check, picture);
    }
    let hero = slot(form, &mut check, (HERO, "Hero image"), present.hero.as_ref(), &mut files);
    let mut screenshots = Some(Vec::new());
    let old = SHOTS.iter().zip(present.screenshots.iter().map(Some));
    for (names, image) in old.chain(NEW.iter().map(|names| (names, None))) {
        let slot = slot(form, &mut check, (*names, "Screenshot"), image, &mut files);
        screenshots = screenshots.zip(slot).map(|(mut all, one)| {
            all.push(one);
            all
        });
    }
    let count = screenshots.iter().flatten().filter(|slot| !matches!(slot, Slot::Empty)).count();
    if count > MOST {
        let words = format!("There would be {count} of them; {MOST} are allowed. Remove some first.");
        check.refuse(Field::Screenshots.key(), Field::Screenshots.label(), words);
    }
    let video = check.optional(Field::Video.key(), Field::Video.label(), https_link);
    check.done(|| {
        let video = video?.unwrap_or_default();
        Some(Typed::Media(Box::new(Media { icon: icon?, hero: hero?, screenshots: screenshots?, video })))
    })
}

fn refuse_icon(check: &mut Check<'_>, picture: &Picture) {
    let (width, height) = (picture.width, picture.height);
    if width != height || width < ICON_SIDE {
        let words = format!("It is {width} × {height}; an icon is square, and at least {ICON_SIDE} pixels a side.");
        check.refuse(ICON.file, "Icon", words);
    }
}

fn slot(
    form: &Form,
    check: &mut Check<'_>,
    (names, label): (Names, &'static str),
    present: Option<&ImageRef>,
    files: &mut Vec<(String, Chosen)>,
) -> Option<Slot> {
    let file = files.iter().position(|(name, _)| name == names.file).map(|at| files.swap_remove(at).1);
    let words = |check: &mut Check<'_>| {
        check.field(names.alt, "What it shows", |typed| match typed.trim() {
            "" => Err("Say in words what it shows, for who cannot see it.".into()),
            typed => line(typed, ALT),
        })
    };
    match (file, present) {
        (Some(Err(why)), _) => {
            check.refuse(names.file, label, why);
            None
        }
        (Some(Ok(picture)), _) => words(check).map(|alt| Slot::Put(Box::new(picture), alt)),
        (None, Some(_)) if !names.gone.is_empty() && form.is_ticked(names.gone) => Some(Slot::Empty),
        (None, Some(image)) => words(check).map(|alt| Slot::Keep(ImageRef { alt, ..image.clone() })),
        (None, None) => Some(Slot::Empty),
    }
}

/// Stores what is new, deletes what nobody else saw, and gives the content with the pictures.
///
/// # Errors
/// When the database does not answer.
pub fn applied(
    tx: &mut WriteTx<'_, UpdateIntegration>,
    integration: &Integration,
    before: &Content,
    typed: Media,
) -> Result<Content, AppError> {
    let mut after = before.clone();
    after.icon = put(tx, integration, typed.icon)?;
    after.hero = put(tx, integration, typed.hero)?;
    after.screenshots.clear();
    for slot in typed.screenshots {
        after.screenshots.extend(put(tx, integration, slot)?);
    }
    after.video = typed.video;
    // A submission or a version may show what is taken off the page.
    if integration.submission == 0 && integration.live_number.is_none() {
        let kept: Vec<_> = all(&after).map(|image| image.id).collect();
        let gone: Vec<_> = all(before).map(|image| image.id).filter(|id| !kept.contains(id)).collect();
        store::remove_images(tx, integration, &gone)?;
    }
    Ok(after)
}

fn all(content: &Content) -> impl Iterator<Item = &ImageRef> {
    content.icon.iter().chain(&content.hero).chain(&content.screenshots)
}

fn put<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    integration: &Integration,
    slot: Slot,
) -> Result<Option<ImageRef>, AppError> {
    match slot {
        Slot::Empty => Ok(None),
        Slot::Keep(image) => Ok(Some(image)),
        Slot::Put(picture, alt) => store::insert_image(tx, integration, &picture, &alt).map(Some),
    }
}
