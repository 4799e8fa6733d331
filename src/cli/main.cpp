#include "cli/command.hpp"

int main(int argc, char** argv) {
    return echosocket::cli::run_command(argc, argv);
}
