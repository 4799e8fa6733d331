// The wire form of a C++ type, decided in one place for writing, reading and naming.
#pragma once

#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/describe/modifiers.hpp>
#include <boost/json/fwd.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

namespace echosocket::detail {

enum class shape {
    unsupported,
    json,
    boolean,
    integer,
    number,
    text,
    bytes,
    enumeration,  ///< Described enums: the enumerators' names. Other enums are integers.
    optional,
    structure,
    map,
    tuple,
    list
};

template <class T, class... Of>
concept one_of = (std::same_as<T, Of> || ...);

template <class T>
concept character = one_of<T, char, wchar_t, char8_t, char16_t, char32_t>;

template <class T>
concept byte_sequence = one_of<T, std::vector<std::byte>, std::span<const std::byte>, std::span<std::byte>>;

template <class T>
concept text_like = std::convertible_to<const T&, std::string_view> && !std::same_as<T, std::nullptr_t>;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// An enum with a fixed underlying type: every integer of that type is a valid value.
template <class T>
concept fixed_enum = std::is_enum_v<T> && requires {
    T{std::underlying_type_t<T>{}};
};

template <class T>
concept tuple_like = requires {
    std::tuple_size<T>::value;
};

template <class T>
concept growing_list = requires(T& list, typename T::value_type (*item)()) {
    list.insert(list.end(), item());
    list.begin();
};

template <class T>
constexpr shape find_shape();

/// A type that can be the key of a JSON object.
template <class T>
constexpr bool is_key() {
    constexpr shape form = find_shape<T>();
    return std::same_as<T, std::string> || form == shape::integer || form == shape::enumeration;
}

template <class T>
constexpr shape find_shape() {
    if constexpr (std::same_as<T, boost::json::value>) {
        return shape::json;
    } else if constexpr (std::same_as<T, bool>) {
        return shape::boolean;
    } else if constexpr (std::integral<T> && !character<T>) {
        return shape::integer;
    } else if constexpr (std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value) {
        return shape::enumeration;
    } else if constexpr (fixed_enum<T> && !std::same_as<T, std::byte>) {
        return shape::integer;
    } else if constexpr (std::floating_point<T>) {
        return shape::number;
    } else if constexpr (text_like<T>) {
        return shape::text;
    } else if constexpr (byte_sequence<T>) {
        return shape::bytes;
    } else if constexpr (is_optional<T>) {
        return shape::optional;
    } else if constexpr (boost::describe::has_describe_members<T>::value) {
        return shape::structure;
    } else if constexpr (requires { typename T::mapped_type; }) {
        return is_key<typename T::key_type>() ? shape::map : shape::unsupported;
    } else if constexpr (tuple_like<T>) {
        return shape::tuple;
    } else if constexpr (growing_list<T>) {
        return shape::list;
    } else {
        return shape::unsupported;
    }
}

template <class T>
inline constexpr shape shape_of = find_shape<T>();

template <class T>
concept supported = shape_of<T>
!= shape::unsupported;

/// Sent as raw bytes if it is the only argument or the reply.
template <class T>
concept raw = shape_of<T>
== shape::text || shape_of<T> == shape::bytes;

template <class T>
using described_members =
    boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

template <class T>
using described_enumerators = boost::describe::describe_enumerators<T>;

/// The integer that represents a value of `shape::integer` on the wire.
template <class T>
constexpr auto to_integer(T value) noexcept {
    if constexpr (std::is_enum_v<T>) {
        return to_integer(static_cast<std::underlying_type_t<T>>(value));
    } else {
        return static_cast<std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>>(value);
    }
}

template <raw T>
std::string_view raw_view(const T& value) noexcept {
    if constexpr (shape_of<T> == shape::bytes) {
        return {reinterpret_cast<const char*>(value.data()), value.size()};
    } else if constexpr (std::is_array_v<T>) {
        const std::string_view whole(value, std::extent_v<T>);
        return whole.substr(0, whole.find('\0'));
    } else {
        return value;
    }
}

}  // namespace echosocket::detail
