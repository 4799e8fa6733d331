// Large JSON texts, parsed step by step: who waits behind one peer's text waits for a step of it, not for all.
#pragma once

#include <echosocket/detail/json_reader.hpp>
#include <echosocket/detail/value_shape.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace echosocket {

namespace asio = boost::asio;

namespace detail {

/// Bytes of one step. A text of up to so many is parsed at once, where it came.
inline constexpr std::size_t json_step = 64 * 1024;

struct json_bounds {
    unsigned nesting = 0;
    std::size_t values = 0;  ///< Of one text, for what a value costs beyond its bytes; for texts above one step.
};

/// Kinds of JSON values, as bits.
enum json_kind : std::uint8_t {
    json_object = 1,
    json_array = 2,
    json_string = 4,
    json_number = 8,
    json_boolean = 16,
    json_null = 32,
};

/// What the outermost value may be, so that another one is refused where it begins.
struct json_fit {
    unsigned kinds = 0;                 ///< Bits of `json_kind`.
    std::size_t most_items = SIZE_MAX;  ///< If it is an array.
};

/// The kinds of which a `T` can be read.
template <class T>
constexpr unsigned json_kinds_of() {
    constexpr shape form = shape_of<T>;
    if constexpr (form == shape::boolean) {
        return json_boolean;
    } else if constexpr (form == shape::integer || form == shape::number) {
        return json_number;
    } else if constexpr (form == shape::text || form == shape::bytes || form == shape::enumeration) {
        return json_string;
    } else if constexpr (form == shape::optional) {
        return json_null | json_kinds_of<typename T::value_type>();
    } else if constexpr (form == shape::structure || form == shape::map) {
        return json_object;
    } else if constexpr (form == shape::tuple || form == shape::list) {
        return json_array;
    } else {
        return json_object | json_array | json_string | json_number | json_boolean | json_null;
    }
}

/// A document that comes into being step by step.
class stepwise_json final : public json_document {
public:
    /// `text` has to stay where it is.
    stepwise_json(std::string_view text, const json_bounds& bounds, const json_fit& fitting);
    ~stepwise_json();

    /// Parses the next bytes; false if there is nothing left to do, and the document or its error is complete.
    [[nodiscard]] bool step();

private:
    class parser;

    std::string_view text_;
    std::size_t at_ = 0;
    json_bounds bounds_;
    std::unique_ptr<parser> parser_;
};

using stepwise_json_ptr = std::shared_ptr<const stepwise_json>;

/// Parses all of `text`, which has to stay where it is; others have their turn on this executor between two steps.
///
/// Cancellation: whichever the coroutine heeds; returns null then.
[[nodiscard]] asio::awaitable<stepwise_json_ptr> parse_in_steps(std::string_view text, json_bounds bounds,
                                                                json_fit fitting);

}  // namespace detail

}  // namespace echosocket
