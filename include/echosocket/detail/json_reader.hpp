// Reads values from JSON, with errors that say where, what was expected and what came.
#pragma once

#include <echosocket/detail/type_name.hpp>
#include <echosocket/detail/value_shape.hpp>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11/algorithm.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace echosocket::detail {

namespace json = boost::json;

/// A parsed JSON text; small ones are stored in the object itself. Its numbers are those that the text says, rounded
/// once.
class json_document {
public:
    json_document(std::string_view text, unsigned max_nesting);
    json_document(const json_document&) = delete;
    json_document& operator=(const json_document&) = delete;

    /// Empty if the text is valid JSON, otherwise the reason and position.
    [[nodiscard]] const std::string& error() const noexcept { return error_; }
    [[nodiscard]] const json::value& root() const noexcept { return root_; }

protected:
    json_document();
    [[nodiscard]] json::storage_ptr storage() noexcept { return json::storage_ptr(&memory_); }
    void set_root(json::value&& root) noexcept { root_ = std::move(root); }
    void set_error(std::string why) noexcept { error_ = std::move(why); }
    void set_error(const boost::system::error_code& problem, std::size_t offset, unsigned max_nesting);

private:
    unsigned char buffer_[2048];
    json::monotonic_resource memory_;
    json::value root_;
    std::string error_;
};

/// What did not fit, and where; the path is built from the innermost part outwards.
class mismatch {
public:
    void expected(std::string_view type, const json::value& got);
    void expected_key(std::string_view type, std::string_view got);
    void missing(std::string_view field, std::string_view type);
    void at_index(std::size_t index);
    void at_field(std::string_view name);

    /// `<subject>, field `a.b[3]`: expected integer, got null`.
    [[nodiscard]] std::string text(std::string_view subject) const;

private:
    std::string path_;
    std::string what_;
};

bool read_boolean(const json::value& from, bool& into, mismatch& why);
bool read_integer(const json::value& from, std::int64_t low, std::int64_t high, std::int64_t& into, mismatch& why);
bool read_integer(const json::value& from, std::uint64_t high, std::uint64_t& into, mismatch& why);
bool read_number(const json::value& from, float& into, mismatch& why);
bool read_number(const json::value& from, double& into, mismatch& why);
bool read_text(const json::value& from, std::string& into, mismatch& why);
bool read_bytes(const json::value& from, std::vector<std::byte>& into, mismatch& why);
/// Parses decimal digits, with a leading minus if negative; returns false for anything else.
bool parse_integer(std::string_view text, std::int64_t& into) noexcept;
bool parse_integer(std::string_view text, std::uint64_t& into) noexcept;

template <class T>
std::string name_of_type() {
    std::string name;
    append_type_name<T>(name, 0);
    return name;
}

template <class T>
bool read_json(const json::value& from, T& into, mismatch& why);

template <class T>
bool read_number_as(const json::value& from, T& into, mismatch& why) {
    using bounds = std::numeric_limits<T>;
    if constexpr (std::is_enum_v<T>) {
        std::underlying_type_t<T> number{};
        if (!read_number_as(from, number, why)) return false;
        into = static_cast<T>(number);
    } else if constexpr (std::floating_point<T>) {
        std::conditional_t<std::is_same_v<T, float>, float, double> number = 0;
        if (!read_number(from, number, why)) return false;
        into = number;
    } else if constexpr (std::is_signed_v<T>) {
        std::int64_t number = 0;
        if (!read_integer(from, bounds::min(), bounds::max(), number, why)) return false;
        into = static_cast<T>(number);
    } else {
        std::uint64_t number = 0;
        if (!read_integer(from, bounds::max(), number, why)) return false;
        into = static_cast<T>(number);
    }
    return true;
}

template <class T>
bool read_field(const json::object& from, std::string_view name, T& into, mismatch& why) {
    const auto* found = from.if_contains({name.data(), name.size()});
    if (found == nullptr) {
        if constexpr (is_optional<T>) {
            into.reset();
            return true;
        } else {
            why.missing(name, name_of_type<T>());
            return false;
        }
    }
    if (read_json(*found, into, why)) return true;
    why.at_field(name);
    return false;
}

template <class T>
bool read_struct(const json::object& from, T& into, mismatch& why) {
    bool fits = true;
    boost::mp11::mp_for_each<described_members<T>>(
        [&](auto member) { fits = fits && read_field(from, member.name, into.*member.pointer, why); });
    return fits;
}

template <class T>
bool find_enumerator(std::string_view name, T& into) {
    bool found = false;
    boost::mp11::mp_for_each<described_enumerators<T>>([&](auto known) {
        if (name != known.name) return;
        into = known.value;
        found = true;
    });
    return found;
}

template <class T>
bool read_enumerator(const json::value& from, T& into, mismatch& why) {
    const auto* name = from.if_string();
    if (name != nullptr && find_enumerator({name->data(), name->size()}, into)) return true;
    why.expected(name_of_type<T>(), from);
    return false;
}

template <class T>
bool parse_key(std::string_view text, T& into) {
    if constexpr (std::is_same_v<T, std::string>) {
        into = text;
        return true;
    } else if constexpr (shape_of<T> == shape::enumeration) {
        return find_enumerator(text, into);
    } else {
        decltype(to_integer(into)) number = 0;
        if (!parse_integer(text, number)) return false;
        into = static_cast<T>(number);
        return to_integer(into) == number;
    }
}

template <class T>
bool read_map(const json::object& from, T& into, mismatch& why) {
    for (const auto& member : from) {
        const std::string_view key(member.key().data(), member.key().size());
        typename T::key_type parsed{};
        if (!parse_key(key, parsed)) {
            why.expected_key(name_of_type<typename T::key_type>(), key);
            return false;
        }
        typename T::mapped_type mapped{};
        if (!read_json(member.value(), mapped, why)) {
            why.at_field(key);
            return false;
        }
        into.insert_or_assign(std::move(parsed), std::move(mapped));
    }
    return true;
}

template <class T>
bool read_item(const json::array& from, std::size_t index, T& into, mismatch& why) {
    if (read_json(from[index], into, why)) return true;
    why.at_index(index);
    return false;
}

template <class T>
bool read_list(const json::array& from, T& into, mismatch& why) {
    for (std::size_t index = 0; index < from.size(); ++index) {
        typename T::value_type item{};
        if (!read_item(from, index, item, why)) return false;
        into.insert(into.end(), std::move(item));
    }
    return true;
}

template <class T, std::size_t... Index>
bool read_tuple(const json::array& from, T& into, mismatch& why, std::index_sequence<Index...>) {
    return (read_item(from, Index, std::get<Index>(into), why) && ...);
}

template <class T>
bool read_compound(const json::value& from, T& into, mismatch& why) {
    constexpr shape form = shape_of<T>;
    if constexpr (form == shape::structure) {
        if (const auto* object = from.if_object()) return read_struct(*object, into, why);
    } else if constexpr (form == shape::map) {
        if (const auto* object = from.if_object()) return read_map(*object, into, why);
    } else if constexpr (form == shape::list) {
        if (const auto* array = from.if_array()) return read_list(*array, into, why);
    } else {
        constexpr auto size = std::tuple_size_v<T>;
        const auto* array = from.if_array();
        if (array != nullptr && array->size() == size) {
            return read_tuple(*array, into, why, std::make_index_sequence<size>{});
        }
    }
    why.expected(name_of_type<T>(), from);
    return false;
}

template <class T>
bool read_json(const json::value& from, T& into, mismatch& why) {
    constexpr shape form = shape_of<T>;
    static_assert(supported<T>, "EchoSocket can't decode this type; describe a struct by BOOST_DESCRIBE_STRUCT");
    static_assert(!raw<T> || one_of<T, std::string, std::vector<std::byte>>,
                  "EchoSocket decodes into types that own their content: std::string, std::vector<std::byte>");
    if constexpr (form == shape::json) {
        into = json::value(from, json::storage_ptr{});
        return true;
    } else if constexpr (form == shape::boolean) {
        return read_boolean(from, into, why);
    } else if constexpr (form == shape::integer || form == shape::number) {
        return read_number_as(from, into, why);
    } else if constexpr (form == shape::text) {
        return read_text(from, into, why);
    } else if constexpr (form == shape::bytes) {
        return read_bytes(from, into, why);
    } else if constexpr (form == shape::enumeration) {
        return read_enumerator(from, into, why);
    } else if constexpr (form == shape::optional) {
        into.reset();
        return from.is_null() || read_json(from, into.emplace(), why);
    } else {
        return read_compound(from, into, why);
    }
}

}  // namespace echosocket::detail
