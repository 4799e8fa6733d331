// Writes values as JSON text, appended directly to the body.
#pragma once

#include <echosocket/detail/value_shape.hpp>

#include <boost/mp11/algorithm.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

namespace echosocket::detail {

void append_json(std::string& out, const boost::json::value& value);
void append_integer(std::string& out, std::int64_t value);
void append_integer(std::string& out, std::uint64_t value);
void append_number(std::string& out, float value);
void append_number(std::string& out, double value);
void append_string(std::string& out, std::string_view text);
void append_base64(std::string& out, std::string_view bytes);

template <class T>
void write_json(std::string& out, const T& value);

template <class T>
void write_quoted_integer(std::string& out, T value) {
    out += '"';
    append_integer(out, to_integer(value));
    out += '"';
}

template <class T>
void write_struct(std::string& out, const T& value) {
    char separator = '{';
    boost::mp11::mp_for_each<described_members<T>>([&](auto member) {
        out += separator;
        append_string(out, member.name);
        out += ':';
        write_json(out, value.*member.pointer);
        separator = ',';
    });
    out += separator == '{' ? "{}" : "}";
}

/// Writes the enumerator's name; if the value has none, its integer in quotes.
template <class T>
void write_enumerator(std::string& out, T value) {
    const char* name = nullptr;
    boost::mp11::mp_for_each<described_enumerators<T>>([&](auto known) {
        if (known.value == value) name = known.name;
    });
    if (name == nullptr) {
        write_quoted_integer(out, value);
    } else {
        append_string(out, name);
    }
}

template <class T>
void write_key(std::string& out, const T& key) {
    if constexpr (shape_of<T> == shape::integer) {
        write_quoted_integer(out, key);
    } else {
        write_json(out, key);
    }
}

template <class T>
void write_map(std::string& out, const T& value) {
    char separator = '{';
    for (const auto& [key, mapped] : value) {
        out += separator;
        write_key(out, key);
        out += ':';
        write_json(out, mapped);
        separator = ',';
    }
    out += separator == '{' ? "{}" : "}";
}

template <class... Items>
void write_items(std::string& out, const Items&... items) {
    char separator = '[';
    ((out += separator, separator = ',', write_json(out, items)), ...);
    out += separator == '[' ? "[]" : "]";
}

template <class T>
void write_list(std::string& out, const T& value) {
    char separator = '[';
    for (auto&& item : value) {
        out += separator;
        write_json<typename T::value_type>(out, item);
        separator = ',';
    }
    out += separator == '[' ? "[]" : "]";
}

template <class T>
void write_json(std::string& out, const T& value) {
    constexpr shape form = shape_of<T>;
    if constexpr (form == shape::json) {
        append_json(out, value);
    } else if constexpr (form == shape::boolean) {
        out += value ? "true" : "false";
    } else if constexpr (form == shape::integer) {
        append_integer(out, to_integer(value));
    } else if constexpr (std::same_as<T, float>) {
        append_number(out, value);
    } else if constexpr (form == shape::number) {
        append_number(out, static_cast<double>(value));
    } else if constexpr (form == shape::text) {
        append_string(out, raw_view(value));
    } else if constexpr (form == shape::bytes) {
        append_base64(out, raw_view(value));
    } else if constexpr (form == shape::enumeration) {
        write_enumerator(out, value);
    } else if constexpr (form == shape::optional) {
        if (value) {
            write_json(out, *value);
        } else {
            out += "null";
        }
    } else if constexpr (form == shape::structure) {
        write_struct(out, value);
    } else if constexpr (form == shape::map) {
        write_map(out, value);
    } else if constexpr (form == shape::tuple) {
        std::apply([&out](const auto&... items) { write_items(out, items...); }, value);
    } else if constexpr (form == shape::list) {
        write_list(out, value);
    } else {
        static_assert(supported<T>, "EchoSocket can't encode this type; describe a struct by BOOST_DESCRIBE_STRUCT");
    }
}

}  // namespace echosocket::detail
