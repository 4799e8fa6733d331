// Arguments that may be made inside a `co_await` expression.
#pragma once

#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace echosocket::detail {

/// True if GCC before 13 destroys a `T` that is made inside a `co_await` expression twice.
///
/// It copies aggregates made by `{...}` and lambdas there bit by bit, also as default arguments and on their way into
/// something that holds them, and destroys both. It spares what has a constructor, what a function returns, `T()`, what
/// needs no destructor, and what has a name. Lists such as `std::vector{1, 2}` it can't compile there.
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
template <class T>
concept call_operator = requires {
    &T::operator();
};
template <class T>
inline constexpr bool destroyed_twice =
    !std::is_trivially_destructible_v<T> && (std::is_aggregate_v<T> || call_operator<T>);
template <class T>
inline constexpr bool destroyed_twice<std::optional<T>> = destroyed_twice<T>;
template <class First, class Second>
inline constexpr bool destroyed_twice<std::pair<First, Second>> = destroyed_twice<First> || destroyed_twice<Second>;
template <class... Items>
inline constexpr bool destroyed_twice<std::tuple<Items...>> = (destroyed_twice<Items> || ...);
#else
template <class T>
inline constexpr bool destroyed_twice = false;
#endif

/// Refuses to compile a call with an argument that would be destroyed twice. An argument is what a forwarding reference
/// was deduced to: one that is a temporary, or was moved, might have been made in place.
template <class... Arguments>
constexpr void check_safe_in_co_await() noexcept {
    static_assert(
        ((std::is_lvalue_reference_v<Arguments> || !destroyed_twice<std::remove_cvref_t<Arguments>>)&&...),
        "GCC before 13 destroys an aggregate or a lambda that is made inside a co_await expression twice: give "
        "it a name on a line of its own, `const auto argument = ...;`, and pass that");
}

}  // namespace echosocket::detail
