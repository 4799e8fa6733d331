// Decodes a call's body to a handler's arguments.
#pragma once

#include <echosocket/codec.hpp>
#include <echosocket/detail/json_steps.hpp>
#include <echosocket/detail/signature.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace echosocket::detail {

template <class T>
void append_parameter_name(std::string& out) {
    if constexpr (is_variadic<T>) {
        append_type_name<typename decltype(T::values)::value_type>(out, 0);
        out += "...";
    } else {
        append_type_name<T>(out, 0);
    }
}

/// The parameters' type names: `integer, string?, number...`.
template <class... Parameters>
std::string name_parameters() {
    std::string names;
    ((names += names.empty() ? "" : ", ", append_parameter_name<std::remove_cvref_t<Parameters>>(names)), ...);
    return names;
}

/// How many arguments a handler takes.
struct arity {
    std::size_t required = 0;
    std::size_t most = 0;
    bool unbounded = false;

    [[nodiscard]] constexpr bool takes(std::size_t count) const noexcept {
        return count >= required && (unbounded || count <= most);
    }
};

template <class... Arguments>
constexpr arity arity_of() {
    constexpr bool may_be_missing[] = {(is_optional<Arguments> || is_variadic<Arguments>)..., false};
    constexpr bool variable[] = {is_variadic<Arguments>..., false};
    arity found{sizeof...(Arguments), sizeof...(Arguments), false};
    while (found.required > 0 && may_be_missing[found.required - 1]) --found.required;
    found.unbounded = sizeof...(Arguments) > 0 && variable[sizeof...(Arguments) - (sizeof...(Arguments) > 0)];
    return found;
}

template <class... Arguments>
constexpr bool only_the_last_is_variadic() {
    constexpr bool variable[] = {is_variadic<Arguments>..., false};
    for (std::size_t index = 0; index + 1 < sizeof...(Arguments); ++index)
        if (variable[index]) return false;
    return true;
}

[[nodiscard]] std::string arity_error(arity taken, std::string_view names, std::size_t came);
[[nodiscard]] std::string argument_error(const mismatch& why, std::size_t position);
[[nodiscard]] std::string document_error(const json_document& body, std::string_view names);
/// Returns an empty string if `body` holds no arguments (it is empty, `null` or `[]`), else the error.
[[nodiscard]] std::string expect_no_arguments(std::string_view body, unsigned max_nesting);
[[nodiscard]] std::string expect_no_arguments(const json_document& body);
/// The arguments in a body: the items of an array, otherwise the one value.
[[nodiscard]] std::span<const json::value> argument_list(const json_document& body, arity taken);

template <class T>
bool read_argument(std::span<const json::value> from, std::size_t position, T& into, std::string& error) {
    mismatch why;
    bool fits = true;
    if constexpr (is_variadic<T>) {
        for (; fits && position < from.size(); ++position) {
            typename decltype(T::values)::value_type value{};
            fits = read_json(from[position], value, why);
            if (!fits) error = argument_error(why, position);
            into.values.push_back(std::move(value));
        }
    } else if (position < from.size()) {
        fits = read_json(from[position], into, why);
        if (!fits) error = argument_error(why, position);
    }
    return fits;
}

template <class... Arguments, std::size_t... Index>
std::string read_arguments(std::span<const json::value> from, std::tuple<Arguments...>& into,
                           std::index_sequence<Index...>) {
    constexpr arity taken = arity_of<Arguments...>();
    if (!taken.takes(from.size())) return arity_error(taken, name_parameters<Arguments...>(), from.size());
    std::string error;
    [[maybe_unused]] const bool fit = (read_argument(from, Index, std::get<Index>(into), error) && ...);
    return error;
}

template <class T>
constexpr bool may_be_array() {
    if constexpr (is_optional<T>) {
        return may_be_array<typename T::value_type>();
    } else {
        return shape_of<T> == shape::json || shape_of<T> == shape::list || shape_of<T> == shape::tuple;
    }
}

/// A handler's only argument may be sent without an array around it.
template <class T>
bool read_bare_argument(const json_document& body, std::tuple<T>& into, std::string& error) {
    mismatch why;
    if (read_json(body.root(), std::get<0>(into), why)) return true;
    std::get<0>(into) = T{};
    if (may_be_array<T>() || !body.root().is_array()) error = argument_error(why, 0);
    return false;
}

/// What a body with these arguments can be, whatever is in it.
template <class First, class... Rest>
constexpr json_fit fit_of_arguments() {
    constexpr arity taken = arity_of<First, Rest...>();
    json_fit fit{json_array, taken.unbounded ? SIZE_MAX : taken.most};
    if (taken.required == 0) fit.kinds |= json_null;
    if constexpr (is_variadic<First>) {
        fit.kinds |= json_kinds_of<typename decltype(First::values)::value_type>();
    } else {
        if (taken.required <= 1) fit.kinds |= json_kinds_of<First>();  // one argument needs no array around it
        if (sizeof...(Rest) == 0 && may_be_array<First>()) fit.most_items = SIZE_MAX;
    }
    return fit;
}

template <class... Arguments>
std::string read_document(const json_document& document, std::tuple<Arguments...>& into) {
    constexpr arity taken = arity_of<Arguments...>();
    if (!document.error().empty()) return document_error(document, name_parameters<Arguments...>());
    std::string bare_error;
    if constexpr (sizeof...(Arguments) == 1 && !(is_variadic<Arguments> || ...)) {
        if (read_bare_argument(document, into, bare_error)) return {};
    }
    auto error = read_arguments(argument_list(document, taken), into, std::index_sequence_for<Arguments...>{});
    return error.empty() || bare_error.empty() ? error : bare_error;
}

template <class... Arguments>
std::string decode_json(std::string_view body, unsigned max_nesting, std::tuple<Arguments...>& into) {
    if (body.empty()) return arity_error(arity_of<Arguments...>(), name_parameters<Arguments...>(), 0);
    const json_document document(body, max_nesting);
    return read_document(document, into);
}

/// Returns true if this argument can be one string or byte sequence sent as raw bytes.
template <class T>
constexpr bool takes_bytes() {
    if constexpr (is_optional<T>) {
        return takes_bytes<typename T::value_type>();
    } else if constexpr (is_variadic<T>) {
        return takes_bytes<typename decltype(T::values)::value_type>();
    } else {
        return one_of<T, std::string, std::vector<std::byte>>;
    }
}

template <class T>
void assign_bytes(std::string_view from, T& into) {
    if constexpr (is_optional<T>) {
        assign_bytes(from, into.emplace());
    } else if constexpr (is_variadic<T>) {
        assign_bytes(from, into.values.emplace_back());
    } else if constexpr (std::is_same_v<T, std::string>) {
        into = from;
    } else {
        const auto* first = reinterpret_cast<const std::byte*>(from.data());
        into.assign(first, first + from.size());
    }
}

/// Returns true if a body of content type `bytes` is the first argument as it is.
template <class First, class... Rest>
constexpr bool may_be_bytes() {
    return takes_bytes<First>() && arity_of<First, Rest...>().required <= 1;
}

/// Returns an empty string if the arguments fit, else the error.
template <class First, class... Rest>
std::string decode_typed(std::string_view body, content_type type, unsigned max_nesting,
                         std::tuple<First, Rest...>& into) {
    constexpr arity taken = arity_of<First, Rest...>();
    if (body.empty() && taken.required == 0) return {};
    if constexpr (may_be_bytes<First, Rest...>()) {
        if (type == content_type::bytes) {
            assign_bytes(body, std::get<0>(into));
            return {};
        }
    }
    return decode_json(body, max_nesting, into);
}

/// True if the handler's only parameter takes the body's bytes unchanged.
template <class... Parameters>
inline constexpr bool takes_raw = false;
template <class Parameter>
inline constexpr bool takes_raw<Parameter> = one_of<std::remove_cvref_t<Parameter>, std::string, std::string_view,
                                                    std::span<const std::byte>, std::vector<std::byte>>;

/// True if the parameter looks at the body's bytes where they are.
template <class Parameter>
inline constexpr bool is_view = one_of<Parameter, std::string_view, std::span<const std::byte>>;

template <class... Parameters>
struct arguments {
    static_assert(only_the_last_is_variadic<std::remove_cvref_t<Parameters>...>(),
                  "variadic<T> takes all further arguments, so it is a handler's last parameter");

    std::tuple<typename stored<Parameters>::type...> values;

    /// Is a body that is not empty read as JSON?
    [[nodiscard]] static constexpr bool reads_json([[maybe_unused]] content_type type) {
        if constexpr (sizeof...(Parameters) == 0) {
            return true;
        } else {
            return type == content_type::json || !may_be_bytes<typename stored<Parameters>::type...>();
        }
    }
    [[nodiscard]] static constexpr json_fit fit() {
        if constexpr (sizeof...(Parameters) == 0) {
            return {json_array | json_null, 0};
        } else {
            return fit_of_arguments<typename stored<Parameters>::type...>();
        }
    }
    std::string read(const json_document& body) {
        if constexpr (sizeof...(Parameters) == 0) {
            return expect_no_arguments(body);
        } else {
            return read_document(body, values);
        }
    }

    std::string decode(std::string_view body, [[maybe_unused]] content_type type, unsigned max_nesting) {
        if constexpr (sizeof...(Parameters) == 0) {
            return expect_no_arguments(body, max_nesting);
        } else {
            return decode_typed(body, type, max_nesting, values);
        }
    }
};

template <class Parameter>
requires takes_raw<Parameter>
struct arguments<Parameter> {
    std::tuple<std::remove_cvref_t<Parameter>> values;

    void take(std::string_view body) {
        if constexpr (byte_sequence<std::remove_cvref_t<Parameter>>) {
            const auto* first = reinterpret_cast<const std::byte*>(body.data());
            std::get<0>(values) = std::remove_cvref_t<Parameter>(first, first + body.size());
        } else {
            std::get<0>(values) = body;
        }
    }
};

}  // namespace echosocket::detail
