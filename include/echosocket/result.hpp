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
    /// Set automatically: what is made here comes from this end; a failure that a handler returns, be it its own or
    /// that of another call, reaches the caller as the task's. A peer that does not send the origin is described in
    /// docs/protocol.md.
    failure_origin origin = failure_origin::this_end;

    failure() = default;
    failure(errc why, std::string text = {}) : code(why), detail(std::move(text)), retryable(is_retryable(why)) {}

    /// `code: detail`, for logs and terminals.
    [[nodiscard]] std::string message() const;

    friend bool operator==(const failure&, const failure&) = default;
};

/// Returns true if the connection ended, not just one call. A failure of a task is none, whatever its code: it is about
/// connections of the task's own.
[[nodiscard]] bool is_connection_error(const failure& why) noexcept;
bool is_connection_error(errc code) = delete;  // a code alone does not tell

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
