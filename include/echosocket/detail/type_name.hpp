// Type names for `$tasks` and error texts.
#pragma once

#include <echosocket/detail/value_shape.hpp>

#include <boost/mp11/algorithm.hpp>

#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace echosocket::detail {

/// Nested structs are written out to this depth and as `{...}` below it, because a struct may contain itself.
inline constexpr unsigned max_named_depth = 3;

template <class T>
void append_type_name(std::string& out, unsigned depth);

template <class T>
void append_struct_name(std::string& out, unsigned depth) {
    if (depth >= max_named_depth) {
        out += "{...}";
        return;
    }
    const char* separator = "{";
    boost::mp11::mp_for_each<described_members<T>>([&](auto member) {
        out += separator;
        out += member.name;
        out += ": ";
        append_type_name<std::remove_cvref_t<decltype(std::declval<T&>().*member.pointer)>>(out, depth + 1);
        separator = ", ";
    });
    out += *separator == '{' ? "{}" : "}";
}

template <class T>
void append_enum_name(std::string& out) {
    const char* separator = "enum<";
    boost::mp11::mp_for_each<described_enumerators<T>>([&](auto known) {
        out += separator;
        out += known.name;
        separator = ", ";
    });
    out += *separator == 'e' ? "enum<>" : ">";
}

template <class T>
void append_map_name(std::string& out, unsigned depth) {
    out += "map<";
    if constexpr (!std::is_same_v<typename T::key_type, std::string>) {
        append_type_name<typename T::key_type>(out, depth);
        out += ", ";
    }
    append_type_name<typename T::mapped_type>(out, depth);
    out += '>';
}

template <class T, std::size_t... Index>
void append_tuple_name(std::string& out, [[maybe_unused]] unsigned depth, std::index_sequence<Index...>) {
    out += "tuple<";
    ((out += Index == 0 ? "" : ", ", append_type_name<std::tuple_element_t<Index, T>>(out, depth)), ...);
    out += '>';
}

template <class T>
void append_type_name(std::string& out, unsigned depth) {
    constexpr shape form = shape_of<T>;
    if constexpr (form == shape::json) {
        out += "json";
    } else if constexpr (form == shape::boolean) {
        out += "boolean";
    } else if constexpr (form == shape::integer) {
        out += "integer";
    } else if constexpr (form == shape::number) {
        out += "number";
    } else if constexpr (form == shape::text) {
        out += "string";
    } else if constexpr (form == shape::bytes) {
        out += "bytes";
    } else if constexpr (form == shape::enumeration) {
        append_enum_name<T>(out);
    } else if constexpr (form == shape::optional) {
        append_type_name<typename T::value_type>(out, depth);
        out += '?';
    } else if constexpr (form == shape::structure) {
        append_struct_name<T>(out, depth);
    } else if constexpr (form == shape::map) {
        append_map_name<T>(out, depth);
    } else if constexpr (form == shape::tuple && !requires { typename T::value_type; }) {
        append_tuple_name<T>(out, depth, std::make_index_sequence<std::tuple_size_v<T>>{});
    } else if constexpr (form == shape::list || form == shape::tuple) {
        out += "list<";
        append_type_name<typename T::value_type>(out, depth);
        out += '>';
    } else {
        static_assert(supported<T>, "EchoSocket knows no wire form of this type");
    }
}

}  // namespace echosocket::detail
