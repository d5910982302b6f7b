"""Shader graphs written as nested calls instead of wires."""
import bpy


class Nodes:
    def __init__(self, name):
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.tree.nodes.clear()

    def node(self, kind, inputs=None, out=0, **settings):
        """Add a node; inputs are numbers, colours or what other calls returned. Returns its output socket."""
        node = self.tree.nodes.new(kind)
        for name, value in settings.items():
            setattr(node, name, value)
        for name, value in (inputs or {}).items():
            socket = node.inputs[name]
            if isinstance(value, bpy.types.NodeSocket):
                self.tree.links.new(value, socket)
            elif isinstance(value, tuple) and len(value) == 3 and socket.type == "RGBA":
                socket.default_value = (*value, 1)
            else:
                socket.default_value = value
        return node.outputs[out]

    def image(self, path, out="Color", space="sRGB"):
        picture = bpy.data.images.load(str(path), check_existing=True)
        picture.colorspace_settings.name = space
        picture.alpha_mode = "CHANNEL_PACKED"          # colours under transparent texels stay what they are
        return self.node("ShaderNodeTexImage", image=picture, out=out)

    def math(self, operation, a, b=0.0, clamp=False):
        return self.node("ShaderNodeMath", {0: a, 1: b}, operation=operation, use_clamp=clamp)

    def mix(self, factor, a, b, blend="MIX"):
        return self.node("ShaderNodeMix", {0: factor, 6: a, 7: b}, out=2, data_type="RGBA", blend_type=blend, clamp_factor=True)

    def channel(self, colour, name):
        return self.node("ShaderNodeSeparateColor", {0: colour}, out=name)

    def attribute(self, name, out="Fac"):
        return self.node("ShaderNodeAttribute", attribute_name=name, out=out)

    def ramp(self, value, stops, out="Color"):
        socket = self.node("ShaderNodeValToRGB", {0: value}, out=out)
        ramp = socket.node.color_ramp
        while len(ramp.elements) < len(stops):
            ramp.elements.new(1)
        for element, (position, colour) in zip(ramp.elements, stops):
            element.position, element.color = position, (*colour, 1)
        return socket

    def noise(self, scale, detail=2.0, vector=None):
        inputs = {"Scale": scale, "Detail": detail}
        if vector is not None:
            inputs["Vector"] = vector
        return self.node("ShaderNodeTexNoise", inputs)

    def bump(self, height, strength, distance):
        return self.node("ShaderNodeBump", {"Height": height, "Strength": strength, "Distance": distance})

    def principled(self, **inputs):
        """Keywords are socket names with _ for blanks."""
        return self.node("ShaderNodeBsdfPrincipled", {name.replace("_", " "): value for name, value in inputs.items()})

    def blend(self, factor, a, b):
        return self.node("ShaderNodeMixShader", {0: factor, 1: a, 2: b})

    def transparent(self):
        return self.node("ShaderNodeBsdfTransparent")

    def finish(self, shader):
        output = self.tree.nodes.new("ShaderNodeOutputMaterial")
        self.tree.links.new(shader, output.inputs["Surface"])
        return self.material
