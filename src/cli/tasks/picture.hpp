// The pictures that `draw` answers.
#pragma once

#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace echosocket::cli {

enum class shape { square, circle, triangle };

inline constexpr std::string_view shape_names = "square, circle, triangle";

/// By name, in any case, blanks around it ignored.
[[nodiscard]] std::optional<shape> find_shape(std::string_view name);

/// Where on a canvas of 400 x 300 a shape lies, and what it looks like.
struct placement {
    int x = 200;  ///< Of the centre.
    int y = 150;
    int size = 50;  ///< From the centre to the outline.
    int hue = 0;    ///< Degrees on the colour wheel.
};

/// Anywhere on the canvas, but wholly on it.
[[nodiscard]] placement random_placement(std::mt19937& randomness);

/// A whole SVG document.
[[nodiscard]] std::string draw_svg(shape what, const placement& where);

}  // namespace echosocket::cli
