//! What is there of what a file names, read once; and what the rows before have made of it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use super::fields::Field;
use crate::access::AssignTier;
use crate::campaigns::assign::frozen;
use crate::campaigns::model::{Assignment, Campaign};
use crate::campaigns::store::{self, PartnerLine};
use crate::campaigns::timeline::Names;
use crate::db::WriteTx;
use crate::db::ids::{CampaignId, PartnerId, ProductId};
use crate::imports::file::{Row, Table, is_empty};
use crate::imports::model::Refusal;
use crate::imports::plan::{Cells, codes, unknown};
use crate::products::model::{Product, Status};
use crate::values::shown;
use crate::{partners, products};

/// Assignments of a partner in a campaign.
pub type Pair = (CampaignId, PartnerId);

/// What is there.
pub struct Ground<'a> {
    places: &'a BTreeMap<Field, usize>,
    /// The only partner, in a program of one organisation.
    own: Option<String>,
    campaigns: HashMap<String, Rc<Campaign>>,
    partners: HashMap<String, PartnerLine>,
    linked: HashSet<Pair>,
    products: HashMap<(PartnerId, String), Product>,
    /// Names to write assignments by, and the tiers.
    pub names: Names,
    /// Assignments as they are once the rows before are written.
    pub world: HashMap<Pair, Vec<Assignment>>,
}

/// Whose a row is.
pub struct Whose<'a> {
    /// The campaign.
    pub campaign: &'a Rc<Campaign>,
    /// The partner.
    pub partner: &'a PartnerLine,
    /// One product of it.
    pub product: Option<&'a Product>,
}

impl<'a> Ground<'a> {
    /// Reads it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn load(
        tx: &mut WriteTx<'_, AssignTier>,
        table: &Table,
        places: &'a BTreeMap<Field, usize>,
    ) -> Result<Ground<'a>, crate::web::error::AppError> {
        let own = tx.actor().partner().map(|own| own.code.clone()).filter(|_| tx.actor().is_single());
        let campaigns = store::coded(tx, &codes(table, places, Field::Campaign))?;
        let named = codes(table, places, Field::Partner);
        let named: Vec<&str> = own.iter().chain(&named).map(String::as_str).collect();
        let ids: Vec<PartnerId> = partners::store::find_many(tx, &named)?.values().map(|one| one.id).collect();
        let lines = store::partner_lines(tx, &ids)?;
        let says_sku = |row: &Row| Cells { places, cells: &row.cells }.said(Field::Sku).is_some();
        let products = match table.rows.iter().any(says_sku) {
            true => products::store::by_sku(tx, &ids)?,
            false => HashMap::new(),
        };
        let in_campaigns: Vec<CampaignId> = campaigns.iter().map(|one| one.id).collect();
        let mut world: HashMap<Pair, Vec<Assignment>> = HashMap::new();
        for one in store::between(tx, &in_campaigns, &ids)? {
            world.entry((one.campaign_id, one.partner_id)).or_default().push(one);
        }
        let linked = store::linked(tx, &in_campaigns, &ids)?.into_iter().collect();
        let present: Vec<Assignment> = world.values().flatten().cloned().collect();
        let mut names = Names::of(tx, &present)?;
        names.partners.extend(lines.iter().map(|line| (line.id, line.clone())));
        names.products.extend(products.values().map(|one: &Product| (one.id, one.name.clone())));
        Ok(Ground {
            places,
            own,
            campaigns: campaigns.into_iter().map(|one| (one.code.clone(), Rc::new(one))).collect(),
            partners: lines.into_iter().map(|line| (line.code.clone(), line)).collect(),
            linked,
            products,
            names,
            world,
        })
    }

    /// The cells of a row.
    pub fn cells<'r>(&'r self, row: &'r Row) -> Cells<'r, Field> {
        Cells { places: self.places, cells: &row.cells }
    }

    /// Whether the file has a column for a field.
    pub fn says(&self, field: Field) -> bool {
        self.places.contains_key(&field)
    }

    /// The partner's code as the row has it.
    pub fn partner_code<'r>(&'r self, row: &'r Row) -> &'r str {
        match &self.own {
            Some(own) => own,
            None => self.cells(row).get(Field::Partner).unwrap_or_default(),
        }
    }

    /// Whose a row is, where that may be assigned to.
    ///
    /// # Errors
    /// Why not.
    pub fn whose(&self, row: &Row) -> Result<Whose<'_>, Refusal<Field>> {
        let typed = self.cells(row).required(Field::Campaign)?;
        let campaign = self.campaigns.get(&typed.to_uppercase());
        let campaign = campaign.ok_or_else(|| unknown(Field::Campaign, "campaign", typed))?;
        campaign.state.needs_open().map_err(|why| Refusal::of(Field::Campaign, why))?;
        let typed = self.partner_code(row);
        if is_empty(typed) {
            return Err(Refusal::of(Field::Partner, "The partner’s code is missing."));
        }
        let partner = self.partners.get(&typed.to_uppercase());
        let partner = partner.ok_or_else(|| unknown(Field::Partner, "partner", typed))?;
        if let Some(why) = frozen(partner) {
            return Err(Refusal::of(Field::Partner, why));
        }
        if !self.linked.contains(&(campaign.id, partner.id)) {
            let why = format!("{} does not take part in {}. Link it first.", partner.name, campaign.name);
            return Err(Refusal::of(Field::Partner, why));
        }
        let product = match self.cells(row).said(Field::Sku) {
            None => None,
            Some(sku) => Some(self.products.get(&(partner.id, sku.to_lowercase())).ok_or_else(|| {
                Refusal::of(Field::Sku, format!("{} has no product with the SKU {}.", partner.name, shown(sku)))
            })?),
        };
        Ok(Whose { campaign, partner, product })
    }
}

impl Whose<'_> {
    /// The campaign and partner.
    pub fn pair(&self) -> Pair {
        (self.campaign.id, self.partner.id)
    }

    /// The product.
    pub fn product_id(&self) -> Option<ProductId> {
        self.product.map(|product| product.id)
    }

    /// Whether its product is not offered any more.
    pub fn is_archived(&self) -> bool {
        self.product.is_some_and(|product| product.status == Status::Archived)
    }
}
