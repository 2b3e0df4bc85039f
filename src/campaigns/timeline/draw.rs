//! The drawing of a timeline: places as numbers, for a template that writes them as SVG.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use chrono_tz::Tz;

use super::Line;
use crate::campaigns::dates::begins;
use crate::campaigns::decision::Span;
use crate::campaigns::model::{Campaign, Standing};
use crate::web::listing::Params;

/// Where the days begin, beside the names.
const LEFT: f64 = 206.0;
/// The width of the whole drawing.
const WIDTH: f64 = 1144.0;
/// The height of a lane.
const LANE: f64 = 36.0;
/// Above the lanes.
const TOP: f64 = 30.0;
/// About the width of a letter.
const LETTER: f64 = 6.4;

/// How much time is on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zoom {
    /// One month.
    Month,
    /// Eight months.
    Eight,
    /// Twelve months.
    Year,
}

impl Zoom {
    fn read(word: &str) -> Zoom {
        match word {
            "month" => Zoom::Month,
            "year" => Zoom::Year,
            _ => Zoom::Eight,
        }
    }

    /// The word in the address.
    pub fn key(self) -> &'static str {
        match self {
            Zoom::Month => "month",
            Zoom::Eight => "",
            Zoom::Year => "year",
        }
    }

    /// The shown word.
    pub fn label(self) -> &'static str {
        match self {
            Zoom::Month => "Month",
            Zoom::Eight => "8 months",
            Zoom::Year => "Year",
        }
    }

    fn months(self) -> u32 {
        match self {
            Zoom::Month => 1,
            Zoom::Eight => 8,
            Zoom::Year => 12,
        }
    }
}

/// One bar, its places written as the drawing needs them.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "drawn as named")]
pub struct Bar {
    pub address: String,
    pub name: String,
    pub x: String,
    pub y: String,
    pub width: String,
    pub path: Option<String>,
    pub text_x: String,
    pub text_y: String,
    pub text: String,
    pub rest: String,
    pub hue: i32,
    pub is_draft: bool,
    pub is_past: bool,
}

/// A row of the drawing: a partner, or one of its products.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "drawn as named")]
pub struct DrawnRow {
    pub label: String,
    pub label_y: String,
    pub line_y: Option<String>,
    pub bars: Vec<Bar>,
}

/// The whole drawing.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "drawn as named")]
pub struct Timeline {
    pub zoom: Zoom,
    pub range: String,
    pub height: String,
    pub bottom: String,
    pub ticks: Vec<(String, String, String)>,
    pub shade: Option<(String, String)>,
    pub shade_height: String,
    pub today: Option<(String, String)>,
    pub rows: Vec<DrawnRow>,
    pub previous: String,
    pub next: String,
}

/// The time that is on the page.
#[derive(Clone, Copy)]
struct Frame {
    zoom: Zoom,
    first: NaiveDate,
    zone: Tz,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

fn first_of_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

fn months_on(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_add_months(Months::new(months)).unwrap_or(day)
}

fn months_back(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_sub_months(Months::new(months)).unwrap_or(day)
}

impl Frame {
    fn new(params: &Params, campaign: &Campaign, now: DateTime<Utc>) -> Frame {
        let (zoom, zone) = (Zoom::read(params.get("zoom")), campaign.time_zone.tz());
        let asked = format!("{}-01", params.get("at")).parse::<NaiveDate>().ok();
        let first = match asked.filter(|day| (2000..2200).contains(&day.year())) {
            Some(day) => day,
            None => Frame::usual(zoom, campaign, now.with_timezone(&zone).date_naive()),
        };
        let (from, until) = (begins(first, zone), begins(months_on(first, zoom.months()), zone));
        Frame { zoom, first, zone, from, until }
    }

    /// A month before the campaign begins; of a long one the present.
    fn usual(zoom: Zoom, campaign: &Campaign, today: NaiveDate) -> NaiveDate {
        let days = campaign.days();
        let start = first_of_month(days.first);
        let is_over = days.last.is_some_and(|last| last < today);
        if zoom == Zoom::Month {
            let runs = days.first <= today && !is_over;
            return if runs { first_of_month(today) } else { start };
        }
        let before = months_back(start, 1);
        let reaches = months_on(before, zoom.months()) > today;
        if reaches || is_over { before } else { months_back(first_of_month(today), 2) }
    }

    fn x(&self, at: DateTime<Utc>) -> f64 {
        let whole = (self.until - self.from).num_minutes().max(1) as f64;
        let part = (at - self.from).num_minutes() as f64 / whole;
        LEFT + part.clamp(0.0, 1.0) * (WIDTH - LEFT)
    }

    /// Months or weeks: where, where their words are, and the words, but none where they would run into “Today”.
    fn ticks(&self, today: Option<f64>) -> Vec<(String, String, String)> {
        let days: Vec<NaiveDate> = match self.zoom {
            Zoom::Month => (0..5).filter_map(|week| self.first.checked_add_days(Days::new(week * 7))).collect(),
            zoom => (0..zoom.months()).map(|month| months_on(self.first, month)).collect(),
        };
        let label = |at: usize, day: &NaiveDate| match self.zoom {
            Zoom::Month => day.format("%-d %b").to_string(),
            _ if at == 0 || day.month() == 1 => day.format("%b %Y").to_string(),
            _ => day.format("%b").to_string(),
        };
        let tick = |(at, day): (usize, &NaiveDate)| {
            let (x, label) = (self.x(begins(*day, self.zone)), label(at, day));
            let end = x + 8.0 + LETTER * label.chars().count() as f64;
            let is_hidden = today.is_some_and(|today| x < today + 8.0 + LETTER * 5.0 && end > today);
            (number(x), number(x + 6.0), if is_hidden { String::new() } else { label })
        };
        days.iter().enumerate().filter(|(_, day)| begins(**day, self.zone) < self.until).map(tick).collect()
    }

    fn range(&self) -> String {
        let last = months_on(self.first, self.zoom.months() - 1);
        match self.zoom {
            Zoom::Month => self.first.format("%B %Y").to_string(),
            _ => format!("{} to {}", self.first.format("%B %Y"), last.format("%B %Y")),
        }
    }

    fn bar(&self, line: &Line, lane_y: f64) -> Option<Bar> {
        let span = line.span.within(Span { from: self.from, until: Some(self.until) })?;
        let (left, right) = (self.x(span.from), self.x(span.until.unwrap_or(self.until)).min(WIDTH));
        let width = (right - left).max(3.0);
        let is_endless = line.span.until.is_none();
        let text = match line.standing {
            Standing::Draft => format!("{} (draft)", line.tier_name),
            one if one.is_past() => format!("{} (expired)", line.tier_name),
            _ => line.tier_name.clone(),
        };
        let until = match &line.span.until {
            None => "no end".to_owned(),
            Some(_) => line.last.rsplit_once(' ').map_or_else(String::new, |(day, _)| format!("through {day}")),
        };
        let room = ((width - 16.0) / LETTER).max(0.0) as usize;
        let fits = |text: &str| text.chars().count() <= room;
        let rest = if fits(&format!("{text} {until}")) { until } else { String::new() };
        let text = if fits(&text) { text } else { String::new() };
        let (x, y) = (left, lane_y + 7.0);
        // An arrow at the end: there is none.
        let path = is_endless.then(|| {
            let straight = (width - 10.0).max(2.0);
            format!("M{} {}h{}l10 11l-10 11h-{}z", number(x), number(y), number(straight), number(straight))
        });
        Some(Bar {
            address: format!("#a-{}", line.id),
            name: line.name(),
            x: number(x),
            y: number(y),
            width: number(width),
            path,
            text_x: number(x + 8.0),
            text_y: number(y + 15.0),
            text,
            rest,
            hue: line.hue,
            is_draft: line.standing == Standing::Draft,
            is_past: line.standing.is_past(),
        })
    }
}

/// Draws lines that come partner by partner.
pub(super) fn draw(lines: &[Line], campaign: &Campaign, params: &Params, now: DateTime<Utc>) -> Timeline {
    let frame = Frame::new(params, campaign, now);
    let mut rows: Vec<DrawnRow> = Vec::new();
    let mut y = TOP;
    for group in lines.chunk_by(|one, other| one.whose() == other.whose()) {
        // Drafts may overlap: each goes into the first lane that is free.
        let mut lanes: Vec<Option<DateTime<Utc>>> = Vec::new();
        let mut bars = Vec::new();
        for line in group {
            let free = lanes.iter().position(|until| until.is_some_and(|until| until <= line.span.from));
            let lane = free.unwrap_or_else(|| {
                lanes.push(None);
                lanes.len() - 1
            });
            if let Some(place) = lanes.get_mut(lane) {
                *place = line.span.until;
            }
            bars.extend(frame.bar(line, y + LANE * lane as f64));
        }
        let label = group.first().map(Line::whose).unwrap_or_default();
        rows.push(DrawnRow {
            label: shortened(&label),
            label_y: number(y + 23.0),
            line_y: (y > TOP).then(|| number(y)),
            bars,
        });
        y += LANE * lanes.len().max(1) as f64;
    }
    let bottom = y.max(TOP + LANE);
    let shade = campaign.span().within(Span { from: frame.from, until: Some(frame.until) }).map(|span| {
        let (left, right) = (frame.x(span.from), frame.x(span.until.unwrap_or(frame.until)));
        (number(left), number(right - left))
    });
    let is_now = frame.from <= now && now < frame.until;
    let month = |day: NaiveDate| params.with("at", &day.format("%Y-%m").to_string());
    Timeline {
        zoom: frame.zoom,
        range: frame.range(),
        height: number(bottom + 6.0),
        bottom: number(bottom),
        ticks: frame.ticks(is_now.then(|| frame.x(now))),
        shade,
        shade_height: number(bottom - 24.0),
        today: is_now.then(|| (number(frame.x(now)), number(frame.x(now) + 5.0))),
        rows,
        previous: month(months_back(frame.first, frame.zoom.months().min(6))),
        next: month(months_on(frame.first, frame.zoom.months().min(6))),
    }
}

/// A name that fits beside the bars; letters of East Asian scripts take the room of two.
fn shortened(name: &str) -> String {
    let width = |letter: char| if matches!(letter, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{ffdc}') { 2 } else { 1 };
    let mut room = 28;
    let fits = |letter: &char| {
        room -= width(*letter);
        room >= 0
    };
    let start: String = name.chars().take_while(fits).collect();
    if start.len() == name.len() { start } else { format!("{}…", start.trim_end()) }
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn names_are_cut_to_the_room_that_they_have() {
        assert_eq!(shortened("Harvest & Hearth Grocers"), "Harvest & Hearth Grocers");
        assert_eq!(shortened("Österreichisch-Ungarische Schifffahrts"), "Österreichisch-Ungarische Sc…");
        assert_eq!(shortened("東雲ホテルズ&リゾーツ (Shinonome Hotels)"), "東雲ホテルズ&リゾーツ (Shino…");
    }
}
