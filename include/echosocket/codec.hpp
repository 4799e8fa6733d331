// How values become payload bytes: strings and bytes travel as they are, everything else as JSON.
//
// As JSON: booleans, integers, floating-point numbers, enums described by `BOOST_DESCRIBE_ENUM` (their names) and
// others of a fixed underlying type (their integers), `std::optional` (a value or null), lists and sets (any container
// of values), `std::array`, `std::pair` and `std::tuple` (arrays of exactly their length), maps with `std::string`,
// integer or enum keys (objects, the key as text), structs described by `BOOST_DESCRIBE_STRUCT` (objects),
// `boost::json::value`, and within any of these strings, and bytes as base64. NaN and infinities become null, broken
// UTF-8 in a string becomes U+FFFD, since JSON has neither. A value of a described enum without a name is written as
// its integer in quotes, which no reader takes.
//
// `std::variant` is left out: JSON does not say which alternative it holds, and to try one after the other would make
// the first that happens to fit win. Describe a struct of optional fields, or take `boost::json::value`.
#pragma once

#include <echosocket/content_type.hpp>
#include <echosocket/detail/json_reader.hpp>
#include <echosocket/detail/json_writer.hpp>
#include <echosocket/detail/type_name.hpp>
#include <echosocket/detail/value_shape.hpp>
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

/// As the last parameter of a handler it takes any number of further arguments: `[](es::variadic<double> numbers)`.
template <class T>
struct variadic {
    std::vector<T> values;

    [[nodiscard]] auto begin() const noexcept { return values.begin(); }
    [[nodiscard]] auto end() const noexcept { return values.end(); }
    [[nodiscard]] std::size_t size() const noexcept { return values.size(); }
};

/// How a type is written in `$tasks`: `string`, `bytes`, `integer`, `number`, `boolean`, `enum<a, b>` of a described
/// enum, `T?`, `list<T>`, `map<T>` (`map<K, T>` where the keys are no strings), `tuple<T, U>`, `{field: type}` of a
/// described struct, `json`; `nothing` for void.
template <class T>
[[nodiscard]] std::string type_name() {
    if constexpr (std::is_void_v<T>) {
        return "nothing";
    } else {
        return detail::name_of_type<T>();
    }
}

namespace detail {

/// Nesting that is read in a reply; the same as `limits::max_nesting` is by default.
inline constexpr unsigned max_reply_nesting = 64;

[[nodiscard]] failure bad_reply(const json_document& reply, std::string_view expected);
[[nodiscard]] failure bad_reply(const mismatch& why);

/// An empty string with the memory of one that this thread has done with, so that a call costs no allocation for its
/// arguments.
[[nodiscard]] std::string spare_string() noexcept;
void keep_spare(std::string&& used) noexcept;

}  // namespace detail

/// The arguments of a call: nothing for none; of one string or byte sequence its bytes as they are; of one other value
/// its JSON; of several a JSON array.
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

/// A reply as the type that the caller asked for: void ignores it, `std::string` and `std::vector<std::byte>` take its
/// bytes as they are, any other type reads JSON.
///
/// Errors: `bad_reply`, saying what was expected and what came.
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
        const detail::json_document reply(body, detail::max_reply_nesting);
        if (!reply.error().empty()) return detail::bad_reply(reply, type_name<T>());
        result<T> value(T{});
        detail::mismatch why;
        if (!detail::read_json(reply.root(), *value, why)) return detail::bad_reply(why);
        return value;
    }
}

}  // namespace echosocket
