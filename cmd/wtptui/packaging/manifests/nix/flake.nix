{
  description = "{{.Summary}}";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { nixpkgs, ... }:
    let
      version = "{{.Version}}";
      archives = {
        x86_64-linux = {
          url = "{{.Archive "linux" "amd64"}}";
          sha256 = "{{.Sum "linux" "amd64"}}";
        };
        aarch64-linux = {
          url = "{{.Archive "linux" "arm64"}}";
          sha256 = "{{.Sum "linux" "arm64"}}";
        };
        x86_64-darwin = {
          url = "{{.Archive "darwin" "amd64"}}";
          sha256 = "{{.Sum "darwin" "amd64"}}";
        };
        aarch64-darwin = {
          url = "{{.Archive "darwin" "arm64"}}";
          sha256 = "{{.Sum "darwin" "arm64"}}";
        };
      };
      package = system: archive:
        let pkgs = nixpkgs.legacyPackages.${system};
        in pkgs.stdenvNoCC.mkDerivation {
          pname = "wtptui";
          inherit version;
          src = pkgs.fetchurl archive;
          nativeBuildInputs = [ pkgs.installShellFiles ];
          # A static binary, as it was built.
          dontFixup = true;
          installPhase = ''
            runHook preInstall
            install -Dm755 wtptui $out/bin/wtptui
            installManPage man/*
            installShellCompletion completions/wtptui.bash completions/wtptui.fish completions/_wtptui
            runHook postInstall
          '';
          meta = {
            description = "{{.Summary}}";
            homepage = "{{.Homepage}}";
            license = pkgs.lib.licenses.mit;
            mainProgram = "wtptui";
            platforms = builtins.attrNames archives;
            sourceProvenance = [ pkgs.lib.sourceTypes.binaryNativeCode ];
          };
        };
    in {
      packages = builtins.mapAttrs (system: archive: { default = package system archive; }) archives;
    };
}
