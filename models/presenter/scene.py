"""The studio: camera, four lamps, and the person's pieces as meshes that are moved from picture to picture."""
import bpy
import numpy as np
from mathutils import Matrix, Vector

import framing
import marks
import materials
import raster

# Factors of the lamps and the room, the lamps' colour, and degrees by which all are turned about the head.
LIGHT = {"key": 1, "fill": 1, "rim": 1, "room": 1, "tint": [1, 1, 1], "turn": 0}


def blender(v):
    """MakeHuman's y up, z front -> Blender's z up, -y front."""
    return np.stack([v[:, 0], -v[:, 2], v[:, 1]], 1)


class Scene:
    def __init__(self, character, light=None):
        """`light` is what differs from LIGHT."""
        bpy.ops.wm.read_factory_settings(use_empty=True)
        self.character = character
        self.scene = bpy.context.scene
        self.objects, self.where = {}, {}
        self._pieces()
        self._lamps(LIGHT | (light or {}))
        self._camera()

    def _pieces(self):
        c, described = self.character, self.character.described
        worn = c.worn
        kinds = {
            "hair": lambda: materials.hair(worn["hair"].texture, *described["hair"][1:]),
            "eyebrows": lambda: materials.fibres("eyebrows", worn["eyebrows"].texture, described["hair"][2][1][1]),
            "eyelashes": lambda: materials.fibres("eyelashes", worn["eyelashes"].texture, (0.012, 0.008, 0.006)),
            "eyes": lambda: materials.eye(worn["eyes"].texture),
            "teeth": lambda: materials.teeth(worn["teeth"].texture),
            "tongue": lambda: materials.tongue(worn["tongue"].texture),
            "clothes": lambda: materials.cloth(worn["clothes"].texture, described["clothes"][1]),
        }
        skin = c.assets.skin(*described["skin"])
        body = c.assets.body
        self._add("body", body, body.faces[keep := c.skin_faces()], body.face_uvs[keep], materials.skin(skin, marks.tone(c, skin), described.get("shirt")), 1)
        for name, values in marks.paint(c).items():
            self.objects["body"].data.attributes.new(name, "FLOAT", "POINT").data.foreach_set("value", values.astype(np.float32))
        for kind, proxy in worn.items():
            m = proxy.mesh
            self._add(kind, m, m.faces, m.face_uvs, kinds[kind](), 0 if kind in ("eyes",) else 1)

    def _add(self, name, mesh, faces, face_uvs, material, subdivisions):
        data = bpy.data.meshes.new(name)
        data.from_pydata(np.zeros((len(mesh.vertices), 3)).tolist(), [], faces.tolist())
        data.uv_layers.new(name="uv").data.foreach_set("uv", mesh.uvs[face_uvs.ravel()].astype(np.float32).ravel())
        data.polygons.foreach_set("use_smooth", np.ones(len(faces), bool))
        data.materials.append(material)
        thing = bpy.data.objects.new(name, data)
        self.scene.collection.objects.link(thing)
        if subdivisions:
            modifier = thing.modifiers.new("smooth", "SUBSURF")
            modifier.levels = modifier.render_levels = subdivisions
        self.objects[name] = thing

    def _lamps(self, light):
        """Warm key from the viewer's left and above, cool wide fill from the right, two weak rims from behind."""
        face = Vector((0, 0, self.character.joint("head____head")[1] + 0.2))
        turn = Matrix.Rotation(np.radians(light["turn"]), 3, "Z")
        for name, place, size, power, colour in (
                ("key", (-9, -13, 6.5), 7, 3700, (1.0, 0.93, 0.86)),
                ("fill", (11, -12, 0.5), 12, 650, (0.86, 0.93, 1.0)),
                ("rim", (-10, 8, 5), 5, 550, (0.9, 0.95, 1.0)),
                ("rim", (10, 8, 6), 5, 420, (1.0, 0.96, 0.9))):
            lamp = bpy.data.lights.new(name, "AREA")
            lamp.size, lamp.energy = size, power * light[name]
            lamp.color = [c * tint for c, tint in zip(colour, light["tint"])]
            thing = bpy.data.objects.new(name, lamp)
            place = turn @ Vector(place)
            thing.location = face + place
            thing.rotation_euler = (-place).to_track_quat("-Z", "Y").to_euler()
            self.scene.collection.objects.link(thing)
        world = bpy.data.worlds.new("world")
        world.use_nodes = True
        world.node_tree.nodes["Background"].inputs[0].default_value = (0.42, 0.50, 0.60, 1)
        world.node_tree.nodes["Background"].inputs[1].default_value = 0.30 * light["room"]
        world.cycles.sampling_method = "NONE"          # an even sky needs no rays of its own
        self.scene.world = world

    def _camera(self):
        eyes, chin = self.character.joint("eye.L____head"), self.character.joint("jaw____tail")
        self.middle, self.front, self.height = framing.frame(eyes, chin)
        lens = bpy.data.cameras.new("camera")
        lens.sensor_fit, lens.sensor_height = "VERTICAL", 24
        lens.lens = 24 * framing.DISTANCE / self.height
        lens.clip_end = 100
        camera = bpy.data.objects.new("camera", lens)
        camera.location = (0, -framing.DISTANCE - self.front, self.middle)
        camera.rotation_euler = (np.pi / 2, 0, 0)
        self.scene.collection.objects.link(camera)
        self.scene.camera = camera

    def show(self, moment):
        for kind, vertices in self.character.at(moment).items():
            if kind in self.where and np.allclose(vertices, self.where[kind], rtol=0, atol=1e-6):
                continue                                # what stays need not be smoothed and sorted again: a third of a small picture's time
            self.where[kind] = vertices
            data = self.objects[kind].data
            data.vertices.foreach_set("co", blender(vertices).astype(np.float32).ravel())
            data.update()

    def shown(self):
        """{piece: (vertices, quads)} as rendered: smoothed, in MakeHuman's axes. The mesh's own vertices come first."""
        graph, out = bpy.context.evaluated_depsgraph_get(), {}
        for kind, thing in self.objects.items():
            evaluated = thing.evaluated_get(graph)
            mesh = evaluated.to_mesh()
            points, quads = np.empty(len(mesh.vertices) * 3, np.float32), np.empty(len(mesh.loops), np.int32)
            mesh.vertices.foreach_get("co", points)
            mesh.loops.foreach_get("vertex_index", quads)
            points = points.reshape(-1, 3)
            out[kind] = np.stack([points[:, 0], points[:, 2], -points[:, 1]], 1).astype(float), quads.reshape(-1, 4)
            evaluated.to_mesh_clear()
        return out

    def camera(self, width, height, crop=None):
        """The same camera for raster.py."""
        return raster.Camera(self.middle, self.front, framing.DISTANCE, self.height, (width, height), crop)
