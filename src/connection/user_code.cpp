#include "connection/user_code.hpp"

#include "wire/utf8.hpp"

namespace echosocket::net {

namespace {

// Bytes of an exception's text that the log gets.
constexpr std::size_t logged_text = 1000;

}  // namespace

std::string text_of(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        return "an exception that is no std::exception";
    }
}

void user_code::threw(std::string_view what, const std::exception_ptr& thrown) noexcept {
    count_exception();
    if (!has_log()) return;
    try {
        log(log_level::error, std::string(what) + " threw: " + wire::printable(text_of(thrown), logged_text));
    } catch (...) {  // no memory for the line: it is counted
    }
}

void user_code::log(log_level level, std::string_view text) noexcept {
    if (!has_log()) return;
    try {
        log_(level, text);
    } catch (...) {
        count_exception();
    }
}

}  // namespace echosocket::net
