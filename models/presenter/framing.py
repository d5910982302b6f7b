"""Where the camera stands: how a head lies in a 2:3 picture, and so what it means to look at the viewer. Decimetres."""
import numpy as np

# Of the picture's height, the part above the eyes, and from the eyes to the chin.
EYES, CHIN = 0.345, 0.262
DISTANCE = 17.0                       # from the camera to the face


def frame(eye, chin):
    """(middle, front, height) of what the picture shows at the face: its middle's y, its depth z, its height."""
    height = (eye[1] - chin[1]) / CHIN
    return eye[1] + (EYES - 0.5) * height, eye[2], height


def at_viewer(eye, chin):
    """(yaw, pitch) in degrees that turn this eye from straight ahead into the camera: both inward a degree, and down, for the lens is lower."""
    middle, front, _ = frame(eye, chin)
    ahead = front + DISTANCE - eye[2]
    return np.degrees(np.arctan2(-eye[0], ahead)), np.degrees(np.arctan2(middle - eye[1], ahead))
