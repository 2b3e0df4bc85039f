pub mod store;
pub fn address(code: &str) -> String {
    format!("/partners/{code}")
}
pub fn tab(code: &str, tab: &str) -> String {
    format!("/partners/{code}/{tab}")
}
