//! A page as a display list in millimetres of paper. Layout makes it; every drawing output is a pure function of it.

/// x to the right and y down from the page's upper left corner, mm.
pub type Point = (f32, f32);

/// An RGB colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    /// Text and traces.
    pub const INK: Self = Self(0x10, 0x14, 0x18);
    /// Secondary text.
    pub const SOFT: Self = Self(0x55, 0x5b, 0x63);
    /// What must not be missed; also bold or boxed, for paper without colour.
    pub const ALERT: Self = Self(0xa8, 0x07, 0x1a);
    /// Lines at every millimetre.
    pub const GRID: Self = Self(0xf7, 0xd4, 0xd4);
    /// Lines at every 5 mm.
    pub const GRID_BOLD: Self = Self(0xe9, 0x9f, 0x9f);
    /// Rules of tables and the frame.
    pub const RULE: Self = Self(0x9a, 0xa0, 0xa8);
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pen {
    /// Width, mm.
    pub width: f32,
    /// Colour.
    pub colour: Colour,
}

/// Which part of a text is at its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Its left end.
    Start,
    /// Its middle.
    Middle,
    /// Its right end.
    End,
}

/// One line of text.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Point on the baseline.
    pub at: Point,
    /// Em size, mm.
    pub size: f32,
    /// What of it lies at the point.
    pub anchor: Anchor,
    /// Bold.
    pub bold: bool,
    /// Colour.
    pub colour: Colour,
    /// The text, free of control characters.
    pub text: String,
}

/// A rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Left.
    pub x: f32,
    /// Top.
    pub y: f32,
    /// Width.
    pub w: f32,
    /// Height.
    pub h: f32,
}

impl Rect {
    /// Its right side.
    pub fn right(&self) -> f32 {
        self.x + self.w
    }

    /// Its lower side.
    pub fn bottom(&self) -> f32 {
        self.y + self.h
    }

    /// Whether the two share more than an edge.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }
}

/// What is drawn, in this order.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// Straight lines of one pen.
    Lines {
        /// From and to.
        lines: Vec<[Point; 2]>,
        /// Pen.
        pen: Pen,
    },
    /// A lead's curve; each run is a polyline, between runs the signal is missing.
    Trace {
        /// Lead name.
        lead: String,
        /// The runs.
        runs: Vec<Vec<Point>>,
        /// Pen.
        pen: Pen,
    },
    /// A rectangle.
    Box {
        /// Where.
        rect: Rect,
        /// Filled with.
        fill: Option<Colour>,
        /// Framed with.
        pen: Option<Pen>,
    },
    /// A picture, stretched over its rectangle.
    Picture {
        /// Where.
        rect: Rect,
        /// What.
        logo: super::Logo,
    },
    /// A line of text.
    Text(Label),
}

/// A page.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Width, mm.
    pub width: f32,
    /// Height, mm.
    pub height: f32,
    /// What is on it, lowest first.
    pub items: Vec<Item>,
}

impl Page {
    /// An empty page of A4 across.
    pub fn a4_landscape() -> Self {
        Self { width: 297.0, height: 210.0, items: Vec::new() }
    }

    /// Adds a straight line.
    pub fn line(&mut self, from: Point, to: Point, pen: Pen) {
        self.items.push(Item::Lines { lines: vec![[from, to]], pen });
    }
}

/// `text` as it may stand on a page: one line, without control, direction-changing and unwritable characters.
pub fn clean(text: &str) -> String {
    let drawable = |c: char| {
        let unseen = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
        !unseen && !matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}')
    };
    let spaced = |c: char| if c.is_control() || c == '\u{2028}' || c == '\u{2029}' { ' ' } else { c };
    text.chars().filter(|&c| drawable(c)).map(spaced).collect::<String>().trim().to_string()
}
