//! What answers are made of: each piece knows how it is written and how the OpenAPI document describes it, so that the
//! two cannot part.

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::RefOr;
use utoipa::{PartialSchema, ToSchema};

use super::answer;
use crate::values::Choice;

/// A choice, by its key.
pub struct Key<C>(pub C);

impl<C: Choice> Serialize for Key<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.key())
    }
}

/// A moment.
pub struct Moment(pub DateTime<Utc>);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&answer::moment(self.0))
    }
}

impl PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("RFC 3339, in UTC."))
            .examples(["2026-11-20T09:42:00Z"])
            .into()
    }
}

impl ToSchema for Moment {}

/// One page of a list, for the document: [`answer::page`] writes it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the document reads it")]
pub struct Page<T> {
    items: Vec<T>,
    /// Address of the next page, with the same filters; null on the last one.
    #[schema(required = true, example = "/api/v1/tenants?after=MDE5OWU0YTA")]
    next: Option<String>,
}
