//! Words in both of our languages. A phrase is a [`Text`] beside the thing it names, so that a missing translation
//! does not compile; there are no keys and no catalogue files.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The two languages every text exists in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Chinese, simplified.
    Zh,
    /// English.
    #[default]
    En,
}

impl Lang {
    /// The language of a locale name such as `zh_CN.UTF-8`: Chinese for `zh*`, else English.
    pub fn of_locale(locale: &str) -> Self {
        if locale.to_ascii_lowercase().starts_with("zh") { Self::Zh } else { Self::En }
    }

    /// The value for HTML's and XML's `lang`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }
}

/// A phrase in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Text {
    /// Chinese wording.
    pub zh: Cow<'static, str>,
    /// English wording.
    pub en: Cow<'static, str>,
}

impl Text {
    /// A fixed phrase.
    pub const fn new(zh: &'static str, en: &'static str) -> Self {
        Self { zh: Cow::Borrowed(zh), en: Cow::Borrowed(en) }
    }

    /// A phrase made at run time.
    pub fn of(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: Cow::Owned(zh.into()), en: Cow::Owned(en.into()) }
    }

    /// The wording in `lang`.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

/// Shorthand for [`Text::new`] in tables.
pub const fn text(zh: &'static str, en: &'static str) -> Text {
    Text::new(zh, en)
}
