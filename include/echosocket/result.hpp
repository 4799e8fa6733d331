// Failures caused by a peer or a network are returned as a `result`; exceptions are only for misuse of the API.
#pragma once

#include <echosocket/error.hpp>

#include <stdexcept>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace echosocket {

/// Why something failed: a code for programs, a text for people.
struct failure {
    errc code = errc::task_failed;
    std::string detail;      ///< UTF-8 text for people; untrusted if it comes from a peer.
    bool retryable = false;  ///< Worth another try, perhaps after a pause or elsewhere.
    /// The task had started, so it may have had effects. Set automatically for a failure that a handler returns, unless
    /// its code is a refusal (`is_refusal`); a handler that refuses after it had effects must set it.
    bool started = false;

    failure() = default;
    failure(errc why, std::string text = {}) : code(why), detail(std::move(text)), retryable(is_retryable(why)) {}

    /// `code: detail`, for logs and terminals.
    [[nodiscard]] std::string message() const;

    friend bool operator==(const failure&, const failure&) = default;
};

/// A value or a failure, with all members of `tl::expected`.
template <class T>
class [[nodiscard]] result : public tl::expected<T, failure> {
    using base = tl::expected<T, failure>;

public:
    using base::base;
    result() = default;
    result(failure why) : base(tl::unexpect, std::move(why)) {}
    result(base other) : base(std::move(other)) {}
};

/// Misuse of the API, thrown by the misused function before anything runs.
class usage_error : public std::logic_error {
public:
    usage_error(errc code, const std::string& detail)
        : std::logic_error(std::string(name_of(code)) + ": " + detail), code_(code) {}

    [[nodiscard]] errc code() const noexcept { return code_; }

private:
    errc code_;
};

}  // namespace echosocket
