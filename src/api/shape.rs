//! What answers are made of: each piece knows how it is written and how the OpenAPI document describes it, so that the
//! two cannot part.

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AnyOfBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
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

/// One page of a list.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the document reads it")]
pub struct Page<T> {
    items: Vec<T>,
    /// Address of the next page, with the same filters; null on the last one.
    #[schema(required = true, example = "/api/v1/tenants?after=MDE5OWU0YTA")]
    next: Option<String>,
}

/// A picture.
pub struct Picture;

impl PartialSchema for Picture {
    fn schema() -> RefOr<Schema> {
        let bytes = SchemaFormat::KnownFormat(KnownFormat::Binary);
        ObjectBuilder::new().schema_type(Type::String).format(Some(bytes)).into()
    }
}

impl ToSchema for Picture {}

/// A tier of a customer: its name, or its precedence.
pub struct Ranked;

impl PartialSchema for Ranked {
    fn schema() -> RefOr<Schema> {
        let name = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(40));
        let precedence = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1));
        let none = ObjectBuilder::new().schema_type(Type::Null);
        Schema::AnyOf(AnyOfBuilder::new().item(name).item(precedence).item(none).build()).into()
    }
}

impl ToSchema for Ranked {}
