// How values become payload bytes: strings and bytes are sent unchanged, everything else as JSON.
//
// Types sent as JSON:
// - booleans, integers, floating-point numbers; NaN and infinities become null, since JSON has neither
// - enums described by `BOOST_DESCRIBE_ENUM` (their names), other enums with a fixed underlying type (their integers)
// - `std::optional` (the value or null)
// - lists and sets (any container of values), `std::array`, `std::pair`, `std::tuple` (arrays of exactly their length)
// - maps with `std::string`, integer or enum keys (objects with the key as text)
// - structs described by `BOOST_DESCRIBE_STRUCT` (objects), `boost::json::value`
// - strings within any of these (invalid UTF-8 becomes U+FFFD), bytes within any of these (base64)
// A value of a described enum that has no name is written as its integer in quotes, which no reader accepts.
//
// `std::variant` is not supported: JSON does not say which alternative it holds, and trying one after the other would
// pick the first that happens to fit. Use a struct of optional fields or `boost::json::value`.
#pragma once

#include <echosocket/content_type.hpp>
#include <echosocket/detail/json_reader.hpp>
#include <echosocket/detail/json_steps.hpp>
#include <echosocket/detail/json_writer.hpp>
#include <echosocket/detail/type_name.hpp>
#include <echosocket/detail/value_shape.hpp>
#include <echosocket/limits.hpp>
#include <echosocket/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace echosocket {

/// A reply as it came.
struct raw_reply {
    std::string body;
    content_type type = content_type::bytes;
};

/// As a handler's last parameter, takes any number of further arguments: `[](es::variadic<double> numbers)`.
template <class T>
struct variadic {
    std::vector<T> values;

    [[nodiscard]] auto begin() const noexcept { return values.begin(); }
    [[nodiscard]] auto end() const noexcept { return values.end(); }
    [[nodiscard]] std::size_t size() const noexcept { return values.size(); }
};

/// A type's name in `$tasks`: `string`, `bytes`, `integer`, `number`, `boolean`, `enum<a, b>` for a described enum,
/// `T?`, `list<T>`, `map<T>` (`map<K, T>` if the keys are not strings), `tuple<T, U>`, `{field: type}` for a described
/// struct, `json`; `nothing` for void.
template <class T>
[[nodiscard]] std::string type_name() {
    if constexpr (std::is_void_v<T>) {
        return "nothing";
    } else {
        return detail::name_of_type<T>();
    }
}

namespace detail {

/// JSON nesting, and values of a large text, accepted in a reply.
inline constexpr unsigned max_reply_nesting = limits().max_nesting;
inline constexpr json_bounds reply_bounds{max_reply_nesting, limits().max_json_values};

[[nodiscard]] failure bad_reply(const json_document& reply, std::string_view expected);
[[nodiscard]] failure bad_reply(const mismatch& why);

template <class T>
[[nodiscard]] result<T> read_reply(const json_document& reply) {
    if (!reply.error().empty()) return bad_reply(reply, type_name<T>());
    result<T> value(T{});
    mismatch why;
    if (!read_json(reply.root(), *value, why)) return bad_reply(why);
    return value;
}

/// For one above `json_step`; null if the caller was cancelled meanwhile.
template <class T>
[[nodiscard]] asio::awaitable<stepwise_json_ptr> parse_reply(std::string_view body) {
    return parse_in_steps(body, reply_bounds, {json_kinds_of<T>()});
}
template <class T>
[[nodiscard]] result<T> read_reply(const stepwise_json_ptr& parsed) {
    if (!parsed) return failure(errc::cancelled, "cancelled by the caller");
    return read_reply<T>(*parsed);
}

/// Is a reply of that type read from JSON?
template <class T>
inline constexpr bool reads_json = !std::is_void_v<T> && !one_of<T, std::string, std::vector<std::byte>>;

/// An empty string that reuses the memory of one this thread has finished with, so that encoding a call's arguments
/// allocates nothing.
[[nodiscard]] std::string spare_string() noexcept;
void keep_spare(std::string&& used) noexcept;

}  // namespace detail

/// Encodes the arguments of a call: no argument is an empty body, one string or byte sequence its bytes unchanged, one
/// other value its JSON, several arguments a JSON array.
template <class... Args>
[[nodiscard]] encoded_body encode_arguments(const Args&... args) {
    encoded_body body;
    if constexpr (sizeof...(Args) > 0) body.bytes = detail::spare_string();
    if constexpr (sizeof...(Args) == 1 && (detail::raw<Args> && ...)) {
        (body.bytes.assign(detail::raw_view(args)), ...);
    } else if constexpr (sizeof...(Args) > 0) {
        body.type = content_type::json;
        if constexpr (sizeof...(Args) == 1) {
            (detail::write_json(body.bytes, args), ...);
        } else {
            detail::write_items(body.bytes, args...);
        }
    }
    return body;
}

/// Decodes a reply to the type the caller asked for: void ignores it, `std::string` and `std::vector<std::byte>` take
/// its bytes unchanged, every other type is read from JSON.
///
/// Errors: `bad_reply`; the detail says what was expected and what came.
template <class T>
[[nodiscard]] result<T> decode_reply(std::string&& body) {
    if constexpr (std::is_void_v<T>) {
        return {};
    } else if constexpr (std::is_same_v<T, std::string>) {
        return std::move(body);
    } else if constexpr (std::is_same_v<T, std::vector<std::byte>>) {
        const auto* bytes = reinterpret_cast<const std::byte*>(body.data());
        return std::vector<std::byte>(bytes, bytes + body.size());
    } else {
        return detail::read_reply<T>(detail::json_document(body, detail::max_reply_nesting));
    }
}

}  // namespace echosocket
