//! Pictures of integrations: whatever is uploaded is decoded and encoded again, so that nothing a person sent is ever
//! served (security: uploads; T42–T46), and given back only to who may see the integration.

use std::io::Cursor;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, ImageReader, Limits};
use tokio::sync::Semaphore;

use super::store;
use crate::access::{Actor, Grant, ReadIntegration, limits};
use crate::app::App;
use crate::db::blocking;
use crate::web::error::AppError;
use crate::web::upload::File;

/// Largest file, in bytes.
pub const LARGEST: usize = 5 * 1024 * 1024;
/// All files of one form, in bytes.
pub const LARGEST_FORM: usize = 12 * 1024 * 1024;
/// Longest side of an uploaded picture, in pixels.
const LONGEST_SIDE: u32 = 4096;
/// Longest side of a stored one.
const STORED_SIDE: u32 = 2400;
/// Longest name, in characters.
const LONGEST_NAME: usize = 70;
/// Of JPEG.
const QUALITY: u8 = 88;

/// Pictures decoded at once: each may take 96 MiB.
static DECODED_AT_ONCE: Semaphore = Semaphore::const_new(1);

/// A picture in the portal's own encoding.
#[derive(Clone, Debug)]
pub struct Picture {
    /// What the partner calls the file.
    pub name: String,
    /// PNG or JPEG.
    pub media: &'static str,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// The encoding.
    pub bytes: Vec<u8>,
}

/// Reads an uploaded picture.
///
/// # Errors
/// Inside: what is wrong with the file. Outside: when the machine fails, or somebody uploads too much.
pub async fn read(app: &App, actor: &Actor, file: File) -> Result<Result<Picture, String>, AppError> {
    limits::spend_upload(&app.db, actor).await?;
    let _turn = DECODED_AT_ONCE.acquire().await.map_err(|cause| AppError::Internal(cause.into()))?;
    blocking(move || Ok(encoded(&file.name, &file.bytes))).await
}

/// Decodes and encodes again.
///
/// # Errors
/// With what is wrong.
pub fn encoded(name: &str, bytes: &[u8]) -> Result<Picture, String> {
    if bytes.len() > LARGEST {
        let size = bytes.len() as f64 / (1024.0 * 1024.0);
        return Err(format!("The file is {size:.1} MB; the largest allowed is 5 MB."));
    }
    let unknown = || "The file is not a PNG, JPEG or WebP picture. Choose another.".to_owned();
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| unknown())?;
    if !matches!(reader.format(), Some(ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP)) {
        return Err(unknown());
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(96 * 1024 * 1024);
    reader.limits(limits);
    let picture = reader.decode().map_err(|cause| match cause {
        image::ImageError::Limits(_) => format!("The picture is larger than {LONGEST_SIDE} pixels a side."),
        _ => "The picture is damaged and cannot be read. Choose another.".to_owned(),
    })?;
    let picture = if picture.width().max(picture.height()) > STORED_SIDE {
        picture.thumbnail(STORED_SIDE, STORED_SIDE)
    } else {
        picture
    };
    let (width, height) = (picture.width(), picture.height());
    let (media, bytes) = written(&picture).ok_or_else(unknown)?;
    let name: String = name.chars().take(LONGEST_NAME).collect();
    Ok(Picture { name, media, width, height, bytes })
}

/// Photographs become JPEG, what can be seen through and what is small becomes PNG.
fn written(picture: &DynamicImage) -> Option<(&'static str, Vec<u8>)> {
    let mut bytes = Cursor::new(Vec::new());
    let is_small = picture.width().max(picture.height()) <= 512;
    if picture.color().has_alpha() || is_small {
        DynamicImage::from(picture.to_rgba8()).write_to(&mut bytes, ImageFormat::Png).ok()?;
        return Some(("image/png", bytes.into_inner()));
    }
    let encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
    picture.to_rgb8().write_with_encoder(encoder).ok()?;
    Some(("image/jpeg", bytes.into_inner()))
}

/// `GET /integrations/{id}/images/{image}`
///
/// # Errors
/// [`AppError::NotFound`] when there is none in scope.
pub async fn show(
    grant: Grant<ReadIntegration>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse, AppError> {
    let (id, image) = path.into_inner();
    let image = image.parse().map_err(|_| AppError::NotFound)?;
    let (media, bytes) = app
        .db
        .read(&grant, move |tx| {
            let integration = store::find(tx, &id)?;
            store::image(tx, &integration, image)
        })
        .await?;
    Ok(HttpResponse::Ok()
        .content_type(media)
        .insert_header((header::CACHE_CONTROL, "private, max-age=86400"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .body(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(width, height).write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn t42_what_is_stored_is_our_own_encoding() {
        let mut polyglot = png(1200, 600);
        polyglot.extend_from_slice(b"<script>alert(1)</script>");
        let stored = encoded("hero.png", &polyglot).unwrap();
        assert_eq!((stored.media, stored.width, stored.height), ("image/jpeg", 1200, 600));
        assert!(!stored.bytes.windows(7).any(|part| part == b"<script"));
        let small = encoded("icon.png", &png(128, 128)).unwrap();
        assert_eq!((small.media, small.width), ("image/png", 128));
        let large = encoded("x", &png(4096, 20)).unwrap();
        assert_eq!(large.width, STORED_SIDE);
    }

    #[test]
    fn t43_t44_documents_and_floods_are_refused() {
        for bytes in [&b"<svg onload='alert(1)'/>"[..], b"GIF89a/*", b"%PDF-1.7", b"", b"\x89PNG\r\n\x1a\nbroken"] {
            assert!(encoded("x.png", bytes).is_err());
        }
        assert!(encoded("x", &png(4097, 1)).unwrap_err().contains("4096"));
        assert!(encoded("x", &vec![0; LARGEST + 1]).unwrap_err().contains("5.0 MB"));
    }
}
