//! What can be wrong with a file, said in the reader's language.

use crate::text::Text;

/// Why a recording could not be read. Messages name what is wrong with the input, never the patient.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// No format's signature fits.
    #[error("not an ECG in any known format")]
    Unrecognized,
    /// The format is known, its content breaks the format's rules.
    #[error("{format}: {what} (at {at})", what = what.en)]
    Malformed {
        /// `Format::id`.
        format: &'static str,
        /// What is wrong.
        what: Text,
        /// Where: `byte 512`, `line 3`, `signal 2`, a file's name.
        at: String,
    },
    /// Sound, but something we do not read.
    #[error("{format}: {what}", what = what.en)]
    Unsupported {
        /// `Format::id`.
        format: &'static str,
        /// What is not supported.
        what: Text,
    },
    /// The file claims more than the limit.
    #[error("{what} exceeds the limit of {max}", what = what.en)]
    Limit {
        /// What is too large.
        what: Text,
        /// The limit.
        max: u64,
    },
    /// The operating system's answer; `file` is the file's own name without its folder.
    #[error("{file}: {cause}")]
    Io {
        /// File name.
        file: String,
        /// Cause.
        cause: std::io::Error,
    },
}

impl ReadError {
    /// A [`ReadError::Malformed`].
    pub fn malformed(
        format: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
        at: impl Into<String>,
    ) -> Self {
        Self::Malformed { format, what: Text::of(zh, en), at: at.into() }
    }

    /// A [`ReadError::Unsupported`].
    pub fn unsupported(format: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Unsupported { format, what: Text::of(zh, en) }
    }

    /// The message in both languages.
    pub fn text(&self) -> Text {
        let en = self.to_string();
        let zh = match self {
            Self::Unrecognized => "不是任何已知格式的心电图".to_string(),
            Self::Malformed { format, what, at } => format!("{format}：{}（{}）", what.zh, place_zh(at)),
            Self::Unsupported { format, what } => format!("{format}：{}", what.zh),
            Self::Limit { what, max } => format!("{}超过上限 {max}", what.zh),
            Self::Io { file, cause } => {
                let why = plain(cause);
                return Text::of(format!("{file}：{}", why.zh), format!("{file}: {}", why.en));
            }
        };
        Text::of(zh, en)
    }
}

/// The operating system's answer in plain words; what has none stays as the system says it.
pub fn plain(cause: &std::io::Error) -> Text {
    use std::io::ErrorKind as Kind;
    match cause.kind() {
        Kind::NotFound => Text::new("没有这个文件或文件夹", "no such file or folder"),
        Kind::PermissionDenied => Text::new("没有访问权限", "permission denied"),
        Kind::IsADirectory => Text::new("这是文件夹，不是文件", "this is a folder, not a file"),
        Kind::NotADirectory | Kind::AlreadyExists => Text::new("这是文件，不是文件夹", "this is a file, not a folder"),
        Kind::StorageFull | Kind::QuotaExceeded => Text::new("磁盘空间不足", "no space left on the disk"),
        Kind::ReadOnlyFilesystem => Text::new("磁盘为只读，不能写入", "the disk is read-only"),
        Kind::Unsupported => Text::new("不是普通文件（管道或设备）", "not a regular file (a pipe or a device)"),
        _ => Text::of(cause.to_string(), cause.to_string()),
    }
}

/// A place in Chinese: `byte 512` is 第 512 字节; names of files and fields stay as they are.
pub fn place_zh(at: &str) -> String {
    const UNITS: [(&str, &str); 9] = [
        ("byte", "字节"),
        ("line", "行"),
        ("column", "列"),
        ("signal", "路信号"),
        ("record", "个数据记录"),
        ("section", "段"),
        ("segment", "段"),
        ("annotation", "个标注"),
        ("channel", "通道"),
    ];
    let part = |part: &str| {
        let known = UNITS.iter().find_map(|(en, zh)| Some((part.strip_prefix(en)?.strip_prefix(' ')?, zh)));
        known.map_or_else(|| part.to_owned(), |(number, zh)| format!("第 {number} {zh}"))
    };
    at.split(", ").map(part).collect::<Vec<_>>().join("，")
}

/// Why a recording could not be written in a format.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The format cannot hold this recording.
    #[error("{}", .0.en)]
    Unfit(Text),
}
