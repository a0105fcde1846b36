//! What went wrong, as RFC 9457 problem details in the reader's language.

use crate::review::Refusal;
use crate::store::StoreError;
use crate::text::{Lang, Text, text};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

/// An answer that is an error.
#[derive(Clone, Debug)]
pub struct Problem(Box<Said>);

#[derive(Clone, Debug)]
struct Said {
    status: StatusCode,
    code: &'static str,
    title: Text,
    detail: Option<Text>,
    more: Map<String, Value>,
    retry_after_s: Option<i64>,
}

/// What handlers return.
pub type Answer<T> = Result<T, Problem>;

/// The kinds of problems: code, status, title.
const KINDS: &[(&str, u16, Text)] = &[
    ("bad-request", 400, text("请求有误", "the request is wrong")),
    ("unauthenticated", 401, text("请先登录", "log in first")),
    ("wrong-password", 401, text("用户名或密码错误", "wrong name or password")),
    ("forbidden", 403, text("您无权执行此操作", "you may not do this")),
    ("csrf", 403, text("页面已过期，请刷新", "the page is out of date: reload it")),
    ("must-change-password", 403, text("请先修改一次性密码", "change the one-time password first")),
    ("not-found", 404, text("不存在", "there is none")),
    ("not-allowed", 405, text("不支持此方法", "method not allowed")),
    ("conflict", 409, text("与现有数据冲突", "it conflicts with what is there")),
    ("locked", 409, text("另一位医师正在阅读", "another reader has it open")),
    ("not-held", 409, text("锁定已失效，请重新打开", "your lock has run out: open the case again")),
    ("same-reader", 409, text("审核医师不能是初诊医师本人", "the second reader cannot be the first")),
    ("senior-only", 409, text("此份已请求上级医师阅读", "a senior reader was asked for")),
    (
        "blind",
        409,
        text(
            "您正在盲法复读此份心电图，提交前不能查看已签发的报告",
            "you are reading this ECG blindly: until you have, its signed report is hidden from you",
        ),
    ),
    ("no-reason", 422, text("请填写原因", "a reason is needed")),
    ("out-of-turn", 409, text("状态已改变，请刷新", "it has moved on: reload it")),
    ("stale", 409, text("内容已被更新，请刷新后重试", "it has changed since you saw it: reload it")),
    (
        "erased",
        410,
        text(
            "原始文件已按保存期限删除；已签发的报告仍可查看",
            "the originals were deleted when their time had come; the signed report is still there",
        ),
    ),
    ("too-large", 413, text("文件过大", "too large")),
    (
        "locked-out",
        429,
        text("密码错误次数过多，账户暂时锁定", "too many wrong passwords: the account is locked for a while"),
    ),
    ("too-many", 429, text("请求过于频繁，请稍后再试", "too many requests: wait a moment")),
    ("timeout", 408, text("传输超时", "it took too long")),
    ("internal", 500, text("服务器内部错误，数据未丢失，请重试", "internal error: nothing is lost, try again")),
    (
        "full",
        507,
        text("存储空间已满，未接收，请联系管理员", "the disk is full, nothing was taken: tell the administrator"),
    ),
    ("unavailable", 503, text("存储暂时不可用，请稍后重试", "the store is away for the moment: try again")),
];

impl Problem {
    /// A problem of this kind.
    pub fn new(code: &'static str) -> Self {
        let kind = KINDS.iter().find(|(c, _, _)| *c == code);
        let (status, title) =
            kind.map_or((500, text("错误", "error")), |(_, status, title)| (*status, title.clone()));
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self(Box::new(Said { status, code, title, detail: None, more: Map::new(), retry_after_s: None }))
    }

    /// The same, with what exactly is wrong.
    #[must_use]
    pub fn because(mut self, detail: Text) -> Self {
        self.0.detail = Some(detail);
        self
    }

    /// The same, with a member of its own.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.0.more.insert(name.to_owned(), value);
        self
    }

    /// The same, with another status.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.0.status = status;
        self
    }

    /// The same, with when to try again.
    #[must_use]
    pub fn after_s(mut self, seconds: i64) -> Self {
        self.0.retry_after_s = Some(seconds.max(1));
        self
    }

    /// A wrong request, with what is wrong.
    pub fn wrong(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new("bad-request").because(Text::of(zh, en))
    }

    fn body(&self, lang: Lang) -> String {
        let mut body = Map::new();
        body.insert("type".into(), json!(format!("urn:einthoven:problem:{}", self.0.code)));
        body.insert("title".into(), json!(self.0.title.get(lang)));
        body.insert("status".into(), json!(self.0.status.as_u16()));
        body.insert("code".into(), json!(self.0.code));
        if let Some(detail) = &self.0.detail {
            body.insert("detail".into(), json!(detail.get(lang)));
        }
        body.extend(self.0.more.clone());
        Value::Object(body).to_string()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal {
            Refusal::Forbidden => "forbidden",
            Refusal::Locked { .. } => "locked",
            Refusal::NotHeld => "not-held",
            Refusal::SameReader => "same-reader",
            Refusal::SeniorOnly => "senior-only",
            Refusal::NoReason => "no-reason",
            Refusal::OutOfTurn => "out-of-turn",
        };
        let problem = Self::new(code).because(refusal.text());
        match refusal {
            Refusal::Locked { by, until } => problem.with("by_id", json!(by)).with("until", json!(until)),
            _ => problem,
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing => Self::new("not-found"),
            StoreError::Stale => Self::new("stale"),
            StoreError::Erased => Self::new("erased"),
            StoreError::Taken => Self::new("conflict"),
            StoreError::Refused(refusal) => refusal.into(),
            StoreError::Unsupported(why) => Self::new("conflict").because(why),
            StoreError::Misplaced(why) => Self::new("conflict").because(why.text()),
            StoreError::Full(_) => Self::new("full"),
            StoreError::Database(sqlx::Error::Database(said)) if full(said.code().as_deref()) => Self::new("full"),
            StoreError::Database(sqlx::Error::Database(said)) if away(said.code().as_deref()) => {
                Self::new("unavailable").after_s(5)
            }
            StoreError::Database(sqlx::Error::Database(_)) | StoreError::Corrupt(_) | StoreError::Newer(..) => {
                Self::new("internal").with("fault", json!(kind(&error)))
            }
            StoreError::Damaged(_) => {
                Self::new("internal").because(text("存储的文件已损坏", "a stored file is damaged"))
            }
            StoreError::Database(_) | StoreError::Objects(_) => Self::new("unavailable").after_s(5),
        }
    }
}

/// The primary result code of `SQLite` (<https://www.sqlite.org/rescode.html>); PostgreSQL's have five characters.
fn sqlite(code: Option<&str>) -> Option<u32> {
    code.filter(|code| code.len() < 5)?.parse().ok().map(|code: u32| code & 0xff)
}

/// Whether the database has no room: `SQLITE_FULL`, `disk_full` of `PostgreSQL`.
fn full(code: Option<&str>) -> bool {
    sqlite(code) == Some(13) || code == Some("53100")
}

/// Whether the database says that it cannot now, and may later: busy, locked, read-only, I/O, cannot open of `SQLite`; too
/// few resources, shutting down or starting of PostgreSQL (classes 53, 57 and 08, its appendix A).
fn away(code: Option<&str>) -> bool {
    let postgres = code.is_some_and(|code| code.len() == 5 && ["53", "57", "08"].iter().any(|c| code.starts_with(c)));
    postgres || sqlite(code).is_some_and(|code| [5, 6, 8, 10, 14].contains(&code))
}

/// Which fault, without its data: messages of databases quote values.
fn kind(error: &StoreError) -> &'static str {
    match error {
        StoreError::Database(_) => "database",
        StoreError::Corrupt(_) => "corrupt",
        _ => "other",
    }
}

/// The language of who asks: of the browser, until the session is known.
pub fn lang_of(headers: &HeaderMap) -> Lang {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
    accepted.map_or(Lang::Zh, Lang::of_locale)
}

/// Writes problems out in the reader's language, and makes problems of what the framework refused by itself.
pub async fn speak(request: Request, next: Next) -> Response {
    let asked = lang_of(request.headers());
    let mut response = next.run(request).await;
    let status = response.status();
    let problem = response.extensions_mut().remove::<Problem>();
    let is_error = status.is_client_error() || status.is_server_error();
    let spoken = response.headers().contains_key(header::CONTENT_TYPE) && problem.is_none();
    let by_framework = is_error && (!spoken || response.extensions().get::<Spoken>().is_none());
    let problem = match problem {
        Some(problem) => problem,
        None if by_framework => Problem::new(match status {
            StatusCode::NOT_FOUND => "not-found",
            StatusCode::METHOD_NOT_ALLOWED => "not-allowed",
            StatusCode::PAYLOAD_TOO_LARGE => "too-large",
            StatusCode::REQUEST_TIMEOUT => "timeout",
            s if s.is_client_error() => "bad-request",
            _ => "internal",
        })
        .status(status),
        None => return response,
    };
    let lang = response.extensions().get::<Lang>().copied().unwrap_or(asked);
    let mut said = (problem.0.status, problem.body(lang)).into_response();
    for (name, value) in response.headers() {
        if name == header::SET_COOKIE || name == header::ALLOW {
            said.headers_mut().insert(name.clone(), value.clone());
        }
    }
    said.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    said.headers_mut().insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(lang.tag()));
    if let Some(seconds) = problem.0.retry_after_s {
        said.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    said
}

/// Marks an error answer that says all it has to say itself (the health page's).
#[derive(Clone, Copy)]
pub struct Spoken;
