// What may fail because of a peer or a network comes back as a result; exceptions are for misuse of the API alone.
#pragma once

#include <echosocket/error.hpp>

#include <stdexcept>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace echosocket {

/// Why something failed, in a form that a program and a person can act on.
struct failure {
    errc code = errc::task_failed;
    std::string detail;      ///< UTF-8 text for a person; from a peer it is untrusted.
    bool retryable = false;  ///< Worth another try, perhaps after a pause or elsewhere.
    /// The task had started: it may have had effects. Of a failure that a handler returns this is set for it, unless
    /// the code is a refusal (`is_refusal`); a handler that refuses after it had effects sets it itself.
    bool started = false;

    failure() = default;
    failure(errc why, std::string text = {}) : code(why), detail(std::move(text)), retryable(is_retryable(why)) {}

    /// `code: detail`, for logs and terminals.
    [[nodiscard]] std::string message() const;

    friend bool operator==(const failure&, const failure&) = default;
};

/// A value, or the failure that stands in its place. Everything of `tl::expected` works on it.
template <class T>
class [[nodiscard]] result : public tl::expected<T, failure> {
    using base = tl::expected<T, failure>;

public:
    using base::base;
    result() = default;
    result(failure why) : base(tl::unexpect, std::move(why)) {}
    result(base other) : base(std::move(other)) {}
};

/// Misuse of the API: thrown before anything runs, by the call that misused it.
class usage_error : public std::logic_error {
public:
    usage_error(errc code, const std::string& detail)
        : std::logic_error(std::string(name_of(code)) + ": " + detail), code_(code) {}

    [[nodiscard]] errc code() const noexcept { return code_; }

private:
    errc code_;
};

}  // namespace echosocket
