// A protocol as the load generator sees it: the form of a request, and the start and end of an answer.
#pragma once

#include "cli/load/load.hpp"
#include "wire/frame.hpp"
#include "wire/hello.hpp"
#include "wire/little_endian.hpp"
#include "wire/meta.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace echosocket::load {

/// The kind of the bytes at the head of a connection's input.
enum class head_kind : std::uint8_t {
    incomplete,  ///< More bytes are needed.
    answer,      ///< The head of an answer.
    refusal,     ///< The head of an answer that is an error.
    other,       ///< Something to skip.
    broken,      ///< Not of this protocol.
};

struct head {
    head_kind kind = head_kind::incomplete;
    std::size_t size = 0;        ///< Bytes of the head itself.
    std::size_t body = 0;        ///< Bytes that follow it.
    std::uint32_t sequence = 0;  ///< The request that it answers, if the protocol says so.
};

/// A protocol as the load generator needs it. A request is its head, the payload, and a constant trailer; an answer's
/// body ends with the same trailer. `greeting` and `number` receive the connection's number. If `greeting_answer_size`
/// is not 0, that many bytes answer the greeting before anything else may be sent. A dialect whose answers come in the
/// order of the requests needs no sequence numbers.
template <class Dialect>
concept dialect = std::constructible_from<Dialect, const options&, std::string_view> &&
    requires(const Dialect& d, char* to, std::uint32_t number, std::string_view bytes) {
    { Dialect::in_order } -> std::convertible_to<bool>;
    { Dialect::trailer } -> std::convertible_to<std::string_view>;
    { d.greeting(number) } -> std::convertible_to<std::string>;
    { d.greeting_answer_size() } -> std::same_as<std::size_t>;
    { d.request_head() } -> std::convertible_to<std::string_view>;
    {d.number(to, number, number)};
    { d.parse(bytes) } -> std::same_as<head>;
};

/// EchoSocket's own frames.
class frames {
public:
    static constexpr bool in_order = false;
    static constexpr std::string_view trailer{};

    frames(const options& wanted, std::string_view payload);

    [[nodiscard]] const std::string& greeting(std::uint32_t) const noexcept { return greeting_; }
    [[nodiscard]] std::size_t greeting_answer_size() const noexcept {
        return 0;
    }  // requests may follow the HELLO immediately
    [[nodiscard]] std::string_view request_head() const noexcept { return request_head_; }
    void number(char* request, std::uint32_t, std::uint32_t sequence) const noexcept {
        wire::store(request + 8, 2 * sequence + 1);
    }

    [[nodiscard]] head parse(std::string_view bytes) const noexcept {
        if (bytes.size() < wire::header_size) return {};
        const std::size_t length = wire::load<std::uint32_t>(bytes.data());
        const std::size_t rest = length - (wire::header_size - wire::length_size);
        const std::size_t meta = wire::load<std::uint16_t>(bytes.data() + 6);
        if (rest > most || meta > rest) return {.kind = head_kind::broken};
        if (bytes.size() < wire::header_size + meta) return {};
        return {.kind = kind_of(bytes),
                .size = wire::header_size + meta,
                .body = rest - meta,
                .sequence = wire::load<std::uint32_t>(bytes.data() + 8) / 2};
    }

private:
    static constexpr std::size_t most = 64 * 1024 * 1024;

    static head_kind kind_of(std::string_view bytes) noexcept {
        switch (static_cast<wire::frame_kind>(bytes[4])) {
            case wire::frame_kind::response:
                return (static_cast<std::uint8_t>(bytes[5]) & wire::flag_more) == 0 ? head_kind::answer
                                                                                    : head_kind::other;
            case wire::frame_kind::error:
                return head_kind::refusal;
            default:
                return head_kind::other;
        }
    }

    std::string greeting_;
    std::string request_head_;
};

}  // namespace echosocket::load
