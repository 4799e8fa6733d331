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
    log_some(log_limits::kind::callback_threw, log_level::error,
             [&] { return std::string(what) + " threw: " + wire::printable(text_of(thrown), logged_text); });
}

void user_code::log(log_level level, std::string_view text) noexcept {
    if (!has_log()) return;
    try {
        log_(level, text);
    } catch (...) {
        count_exception();
    }
}

void user_code::log_withheld() noexcept {
    try {
        for (std::size_t i = 0; i != log_limits::kinds; ++i) {
            const auto which = static_cast<log_limits::kind>(i);
            if (const auto lines = limits_.take_withheld(which); lines != 0)
                log(log_level::warning, std::to_string(lines) + " more lines like those before were not logged: " +
                                            std::string(name_of(which)));
        }
    } catch (...) {  // no memory for the line
    }
}

}  // namespace echosocket::net
