"""What each piece is made of."""
from nodes import Nodes

HAIR_THIN = 0.5                       # alpha below which a strand's edge is air


def skin(texture, tone, shirt):
    """Texture, softened where it wears make-up, with light going through it; below the collar a shirt is painted on."""
    n = Nodes("skin")
    plain = n.image(texture)
    # The 512-pixel texture has lipstick and eye shadow. Lips are where red outweighs green most.
    red, green = n.channel(plain, "Red"), n.channel(plain, "Green")
    lips = n.math("MULTIPLY", n.math("SUBTRACT", n.math("SUBTRACT", red, green), 0.30), 6, clamp=True)
    lids = n.attribute("lids")
    shade = lambda *factors: tuple(float(t * f) for t, f in zip(tone, factors))
    colour = n.mix(n.math("MULTIPLY", lids, 0.55), plain, shade(1, 1, 1))
    colour = n.mix(n.math("MULTIPLY", lips, 0.30), colour, shade(0.80, 0.45, 0.50))
    # Blood under the skin: cheeks, nose and chin are redder, and no skin is even.
    mottle = n.math("ADD", n.math("MULTIPLY", n.noise(7, 4), 0.16), n.math("MULTIPLY", n.attribute("blush"), 0.22))
    colour = n.mix(mottle, colour, shade(1.0, 0.66, 0.60))
    fine = n.noise(60, 4)
    normal = n.bump(fine, 0.16, 0.02)
    face = n.principled(Base_Color=colour, Roughness=n.math("SUBTRACT", 0.50, n.math("MULTIPLY", lips, 0.14)), Specular_IOR_Level=0.36,
                        Subsurface_Weight=0.6, Subsurface_Radius=(1.0, 0.36, 0.18), Subsurface_Scale=0.045, Normal=normal)
    if shirt is None:
        return n.finish(face)
    cloth = n.principled(Base_Color=tuple(shirt), Roughness=0.85, Specular_IOR_Level=0.15, Normal=n.bump(n.noise(160, 1), 0.2, 0.01))
    return n.finish(n.blend(n.math("ADD", n.math("MULTIPLY", n.attribute("shirt"), 60), 0.5, clamp=True), face, cloth))


def hair(texture, gain, stops, shine=0.22):
    """The texture's light and dark, in another colour, with a sheen along the strands; short hair shines less, or it looks like a cap."""
    n = Nodes("hair")
    colour, alpha = n.image(texture), n.image(texture, "Alpha")
    light = n.node("ShaderNodeRGBToBW", {0: colour})
    n_light = n.math("MULTIPLY", light, gain, clamp=True)
    tint = n.ramp(n_light, stops)
    strands = n.principled(Base_Color=tint, Roughness=0.72 - shine, Specular_IOR_Level=shine, Normal=n.bump(n_light, 0.55, 0.03),
                           Sheen_Weight=0.05, Sheen_Roughness=0.4)
    return n.finish(n.blend(alpha, n.transparent(), strands))


def fibres(name, texture, colour):
    """Brows and lashes: one colour, the texture's alpha."""
    n = Nodes(name)
    alpha = n.image(texture, "Alpha")
    return n.finish(n.blend(alpha, n.transparent(), n.principled(Base_Color=tuple(colour), Roughness=0.6, Specular_IOR_Level=0.2)))


def eye(texture):
    """White and iris are painted; the cornea before them is where the texture has no alpha, and only mirrors the lamps."""
    n = Nodes("eye")
    colour, alpha = n.image(texture), n.image(texture, "Alpha")
    ball = n.principled(Base_Color=colour, Roughness=0.3, Specular_IOR_Level=0.4, Subsurface_Weight=0.15, Subsurface_Scale=0.02)
    mirror = n.node("ShaderNodeBsdfGlossy", {"Roughness": 0.03})
    cornea = n.blend(n.node("ShaderNodeFresnel", {"IOR": 1.38}), n.transparent(), mirror)
    return n.finish(n.blend(n.math("GREATER_THAN", alpha, 0.5), cornea, ball))


def teeth(texture):
    """Ivory teeth; gums paler than the texture's red."""
    n = Nodes("teeth")
    colour = n.image(texture)
    red, green = n.channel(colour, "Red"), n.channel(colour, "Green")
    gum = n.math("MULTIPLY", n.math("SUBTRACT", n.math("SUBTRACT", red, green), 0.12), 8, clamp=True)
    white = n.mix(0.65, colour, (0.95, 0.88, 0.77))
    pink = n.mix(0.75, colour, (0.50, 0.20, 0.18))
    return n.finish(n.principled(Base_Color=n.mix(gum, white, pink), Roughness=0.28, Specular_IOR_Level=0.5,
                                 Subsurface_Weight=0.25, Subsurface_Scale=0.03, Subsurface_Radius=(1.0, 0.7, 0.5)))


def tongue(texture):
    n = Nodes("tongue")
    colour = n.mix(0.6, n.image(texture), (0.52, 0.20, 0.18))
    return n.finish(n.principled(Base_Color=colour, Roughness=0.4, Specular_IOR_Level=0.4, Subsurface_Weight=0.2, Subsurface_Scale=0.04,
                                 Normal=n.bump(n.noise(40, 3), 0.25, 0.02)))


def cloth(texture, colour):
    """Woven cloth: plain in one colour, or as the texture has it when there is none; the texture's alpha cuts the hems."""
    n = Nodes("clothes")
    weave = n.bump(n.noise(220, 1), 0.12, 0.006)
    surface = n.principled(Base_Color=tuple(colour) if colour else n.image(texture), Roughness=0.85, Specular_IOR_Level=0.12, Sheen_Weight=0.1, Normal=weave)
    return n.finish(n.blend(n.image(texture, "Alpha"), n.transparent(), surface))
