#include "cli/tasks/picture.hpp"

#include <boost/test/unit_test.hpp>

using namespace echosocket::cli;

BOOST_AUTO_TEST_SUITE(picture)

BOOST_AUTO_TEST_CASE(shapes_are_found_by_name) {
    BOOST_TEST((find_shape("square") == shape::square));
    BOOST_TEST((find_shape(" Circle\n") == shape::circle));
    BOOST_TEST((find_shape("TRIANGLE") == shape::triangle));
    for (const auto* name : {"", "  ", "hexagon", "circle square"}) BOOST_TEST(!find_shape(name), name);
}

BOOST_AUTO_TEST_CASE(a_picture_is_an_svg_with_the_shape_where_it_belongs) {
    const placement at{.x = 100, .y = 90, .size = 30, .hue = 120};
    const auto circle = draw_svg(shape::circle, at);
    BOOST_TEST(circle.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
    BOOST_TEST(circle.ends_with("</svg>\n"));
    BOOST_TEST(circle.find("<circle cx=\"100\" cy=\"90\" r=\"30\" fill=\"hsl(120, 70%, 50%)\"/>") != std::string::npos);
    BOOST_TEST(draw_svg(shape::square, at).find("<rect x=\"70\" y=\"60\" width=\"60\" height=\"60\"") !=
               std::string::npos);
    BOOST_TEST(draw_svg(shape::triangle, at).find("points=\"100,60 130,120 70,120\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_random_shape_lies_wholly_on_the_canvas_and_not_always_at_one_place) {
    std::mt19937 randomness(1);
    const auto first = random_placement(randomness);
    bool moved = false;
    for (int i = 0; i < 1000; ++i) {
        const auto at = random_placement(randomness);
        BOOST_REQUIRE((at.x >= at.size && at.x + at.size <= 400 && at.y >= at.size && at.y + at.size <= 300));
        BOOST_REQUIRE((at.hue >= 0 && at.hue < 360));
        moved = moved || at.x != first.x || at.y != first.y;
    }
    BOOST_TEST(moved);
}

BOOST_AUTO_TEST_SUITE_END()
