// The protocols of other systems, as far as an echo needs them. The load generator implements them itself, so that only
// the servers are compared.
#pragma once

#include "cli/load/dialect.hpp"

#include <string>
#include <string_view>

namespace echosocket::bench {

using load::head;
using load::head_kind;

/// Redis: `ECHO payload`.
class resp {
public:
    static constexpr bool in_order = true;
    static constexpr std::string_view trailer = "\r\n";

    resp(const load::options& wanted, std::string_view payload);

    [[nodiscard]] std::string greeting(std::uint32_t) const noexcept { return {}; }
    [[nodiscard]] std::size_t greeting_answer_size() const noexcept { return 0; }
    [[nodiscard]] std::string_view request_head() const noexcept { return request_head_; }
    void number(char*, std::uint32_t, std::uint32_t) const noexcept {}
    [[nodiscard]] head parse(std::string_view bytes) const noexcept;

private:
    std::string request_head_;
};

/// ZeroMQ: a DEALER's messages of one part over ZMTP 3.0, without authentication.
class zmtp {
public:
    static constexpr bool in_order = true;
    static constexpr std::string_view trailer{};

    zmtp(const load::options& wanted, std::string_view payload);

    [[nodiscard]] const std::string& greeting(std::uint32_t) const noexcept { return greeting_; }
    [[nodiscard]] std::size_t greeting_answer_size() const noexcept { return greeting_size + ready_size; }
    [[nodiscard]] std::string_view request_head() const noexcept { return request_head_; }
    void number(char*, std::uint32_t, std::uint32_t) const noexcept {}
    [[nodiscard]] head parse(std::string_view bytes) const noexcept;

private:
    static constexpr std::size_t greeting_size = 64;
    static constexpr std::size_t ready_size = 43;  // bytes of the READY that a ROUTER without an identity sends

    std::string greeting_;
    std::string request_head_;
};

/// NATS: a request published with an inbox for its answer, through the broker to a responder and back.
class nats {
public:
    static constexpr bool in_order = true;
    static constexpr std::string_view trailer = "\r\n";

    nats(const load::options& wanted, std::string_view payload);

    [[nodiscard]] std::string greeting(std::uint32_t connection) const;
    [[nodiscard]] std::size_t greeting_answer_size() const noexcept { return 0; }
    [[nodiscard]] std::string_view request_head() const noexcept { return request_head_; }
    void number(char* request, std::uint32_t connection, std::uint32_t) const noexcept;
    [[nodiscard]] head parse(std::string_view bytes) const noexcept;

private:
    std::string inbox_;  // without the digits of the connection's number
    std::string request_head_;
    std::size_t digits_at_;
};

}  // namespace echosocket::bench
