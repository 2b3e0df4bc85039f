//! All SQL of tokens but how one is known, which is the API's.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::model::{NewToken, Owner, Token};
use crate::access::{Permission, Scope};
use crate::db::ids::TokenId;
use crate::db::schema::api_tokens;
use crate::db::{ReadTx, WriteTx};
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::form::FieldError;

/// The tokens that a person may see.
fn visible(tx: &ReadTx<'_>) -> api_tokens::BoxedQuery<'static, Pg> {
    let rows = api_tokens::table.into_boxed();
    match tx.scope() {
        Scope::Everything => rows.filter(api_tokens::id.ne(api_tokens::id)),
        Scope::Program(program) => rows.filter(api_tokens::program_id.eq(program)),
        Scope::Partner { program, partner } => {
            rows.filter(api_tokens::program_id.eq(program).and(api_tokens::partner_id.eq(partner)))
        }
    }
}

/// The tokens of a partner that was found in scope, or of the actor's own program.
fn owned(tx: &ReadTx<'_>, owner: Owner) -> api_tokens::BoxedQuery<'static, Pg> {
    let rows = visible(tx).filter(api_tokens::program_id.eq(owner.program));
    match owner.partner {
        Some(partner) => rows.filter(api_tokens::partner_id.eq(partner)),
        None => rows.filter(api_tokens::partner_id.is_null()),
    }
}

/// Somebody's tokens, the newest first; at most 200.
///
/// # Errors
/// When the database does not answer.
pub fn list(tx: &mut ReadTx<'_>, owner: Owner) -> Result<Vec<Token>, AppError> {
    Ok(owned(tx, owner)
        .order((api_tokens::revoked_at.is_not_null(), api_tokens::created_at.desc(), api_tokens::id.desc()))
        .select(Token::as_select())
        .limit(200)
        .load(tx.conn())?)
}

/// One of them by its id, as it stands in an address.
///
/// # Errors
/// [`AppError::NotFound`] when there is none like that.
pub fn find(tx: &mut ReadTx<'_>, owner: Owner, id: &str) -> Result<Token, AppError> {
    let id: TokenId = id.parse().map_err(|_| AppError::NotFound)?;
    Ok(owned(tx, owner).filter(api_tokens::id.eq(id)).select(Token::as_select()).first(tx.conn())?)
}

/// Stores a new token of somebody who was found in scope.
///
/// # Errors
/// [`AppError::Invalid`] when its name is taken.
pub fn insert<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    owner: Owner,
    new: &NewToken,
    hash: &[u8],
    hint: &str,
) -> Result<TokenId, AppError> {
    let (id, now, by, by_name) = (TokenId::new(), tx.now(), tx.actor().user(), tx.actor().name().to_owned());
    let scopes: Vec<&str> = new.scopes.iter().map(|scope| scope.key()).collect();
    diesel::insert_into(api_tokens::table)
        .values((
            api_tokens::id.eq(id),
            api_tokens::program_id.eq(owner.program),
            api_tokens::partner_id.eq(owner.partner),
            api_tokens::name.eq(&new.name),
            api_tokens::token_hash.eq(hash),
            api_tokens::hint.eq(hint),
            api_tokens::scopes.eq(serde_json::json!(scopes)),
            api_tokens::expires_at.eq(new.expires_at),
            api_tokens::created_at.eq(now),
            api_tokens::created_by.eq(by),
            api_tokens::created_by_name.eq(by_name),
        ))
        .execute(tx.conn())
        .map_err(mapped)?;
    Ok(id)
}

fn mapped(error: DieselError) -> AppError {
    if let DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info) = &error
        && info.constraint_name() == Some("api_tokens_name_key")
    {
        let words = "There is a token of this name that is not revoked. Choose another, or revoke that one first.";
        return AppError::Invalid(vec![FieldError::new("name", "Name", words)]);
    }
    error.into()
}

/// Ends a token. Says whether it was still open.
///
/// # Errors
/// When the database does not answer.
pub fn revoke<P: Permission>(tx: &mut WriteTx<'_, P>, token: &Token) -> Result<bool, AppError> {
    let (now, by_name) = (tx.now(), tx.actor().name().to_owned());
    let row = api_tokens::id.eq(token.id).and(api_tokens::revoked_at.is_null());
    let ended = diesel::update(api_tokens::table.filter(row))
        .set((api_tokens::revoked_at.eq(now), api_tokens::revoked_by_name.eq(by_name)))
        .execute(tx.conn())?;
    Ok(ended == 1)
}
